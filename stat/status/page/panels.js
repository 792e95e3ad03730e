import {
  ago,
  bytes,
  clock,
  count,
  duration,
  percent,
  rate,
  seconds,
  within,
} from "./format.js";
import { make, setText, Table, visible } from "./dom.js";

const REST = "beyond the cap of label sets";

/** Rows of a table; a page that is too long is not read. */
const ROUTES = 20;
const ROWS = 10;
const KINDS = 8;

/** Where a value becomes one to look at. */
const LAG_HIGH = 0.25;
const ERRORS_HIGH = 0.01;

/** A number that is seen at once. */
class Tile {
  constructor(label) {
    this.value = make("dd");
    this.note = make("dd.note");
    this.element = make("div.tile", {}, make("dt", {}, label));
    this.element.append(this.value, this.note);
  }

  show(text, note = "", tone = "") {
    setText(this.value, text);
    setText(this.note, note);
    this.element.dataset.tone = tone;
  }
}

/** A part of the page; it is there when there is something to show. */
class Panel {
  constructor(id, title) {
    this.note = make("small");
    this.body = make("div.body");
    this.element = make(
      "section",
      {
        id,
        class: "card",
        "aria-labelledby": `h-${id}`,
      },
      make("h2", { id: `h-${id}` }, `${title} `, this.note),
      this.body,
    );
  }

  /** A table, or a sentence in its place when there are no rows. */
  table(caption, columns, sentence, most = ROWS) {
    const table = new Table(caption, columns);
    const empty = make("p.empty", { hidden: "" }, sentence);
    const more = make("p.more", { hidden: "" });
    this.body.append(table.element, empty, more);
    return (rows, total = rows.length, what = "") => {
      const shown = rows.slice(0, most);
      table.show(shown);
      table.element.hidden = rows.length === 0;
      empty.hidden = rows.length > 0;
      more.hidden = total <= shown.length;
      setText(more, `and ${count(total - shown.length)} more ${what}`);
    };
  }
}

const number = (head, of, more = {}) => ({ head, of, kind: "number", ...more });
const name = (head, of, more = {}) => ({ head, of, kind: "name", ...more });
const share = (value) => ({
  text: percent(value),
  tone: value > ERRORS_HIGH ? "bad" : value > 0 ? "warn" : "quiet",
});
const named = (text) =>
  text === null ? { text: REST, tone: "quiet" } : { text: visible(text) };

/** All panels. */
export class Panels {
  constructor(tiles, panels, foot) {
    this.tiles = {};
    for (
      const [id, label] of [
        ["rate", "Requests"],
        ["p95", "95 % within"],
        ["errors", "Server errors"],
        ["flight", "In flight"],
        ["cpu", "CPU"],
        ["memory", "Memory"],
        ["isolates", "Isolates"],
        ["uptime", "Up for"],
      ]
    ) {
      this.tiles[id] = new Tile(label);
      tiles.append(this.tiles[id].element);
    }
    this.foot = foot;
    const left = make("div.column");
    const right = make("div.column");
    panels.append(left, right);
    this.#addRoutes(left);
    this.#addCaches(left);
    this.#addTasks(left);
    this.#addClient(left);
    this.#addErrors(right);
    this.#addIsolates(right);
    this.#addStat(right);
  }

  show(report) {
    this.#showTiles(report);
    this.showRoutes(report);
    this.showErrors(report);
    this.showIsolates(report);
    this.showCaches(report);
    this.showTasks(report);
    this.showClient(report);
    this.showStat(report);
  }

  #showTiles({ requests, process, isolates, window }) {
    const { tiles } = this;
    const past = window < 59 ? `last ${Math.round(window)} s` : "last minute";
    tiles.rate.show(rate(requests?.perSecond ?? 0), past);
    tiles.p95.show(within(requests?.p95, requests?.finest), past);
    const bad = requests?.errorShare ?? null;
    tiles.errors.show(
      percent(bad),
      past,
      bad > ERRORS_HIGH ? "bad" : bad > 0 ? "warn" : "",
    );
    tiles.flight.show(count(requests?.inFlight), "now");
    tiles.cpu.show(percent(process.cpu), "of one core");
    tiles.memory.show(
      bytes(process.memory),
      process.openFiles === null ? "" : `${count(process.openFiles)} files`,
    );
    const { live = 0, blocked = 0 } = isolates.counts;
    tiles.isolates.show(
      count(live + blocked),
      blocked > 0 ? `${count(blocked)} blocked` : "all live",
      blocked > 0 ? "bad" : "",
    );
    tiles.uptime.show(duration(process.uptime));
  }

  #addRoutes(parent) {
    const panel = new Panel("routes", "Routes");
    parent.append(panel.element);
    let highest = 1;
    let finest = null;
    const show = panel.table(
      "The busiest routes",
      [
        name("Route", ({ method, route }) => {
          const text = route === null
            ? REST
            : route === "none"
            ? "no route"
            : visible(route);
          const tone = route === null || route === "none" ? "quiet" : "";
          return { method: visible(method), text, tone, title: text };
        }),
        number("Requests", ({ perSecond }) => rate(perSecond), {
          bar: ({ perSecond }) => perSecond / highest,
        }),
        number("p95", ({ p95 }) => within(p95, finest)),
        number("5xx", ({ errorShare }) => share(errorShare)),
        number("Total", ({ total }) => count(total), { wide: true }),
      ],
      "No requests yet. The first one shows up here within a second.",
      ROUTES,
    );
    this.showRoutes = ({ routes, requests }) => {
      const rows = routes?.rows ?? [];
      highest = Math.max(...rows.map(({ perSecond }) => perSecond), 0.001);
      finest = requests?.finest ?? null;
      setText(panel.note, rows.length ? count(routes.count) : "");
      show(rows, routes?.count, "that are less busy");
    };
  }

  #addErrors(parent) {
    const panel = new Panel("errors", "Errors");
    const kinds = make("ul.kinds");
    panel.body.append(kinds);
    parent.append(panel.element);
    let now = 0;
    const show = panel.table("The last errors", [
      name("Message", ({ kind, message }) => ({
        method: visible(kind),
        text: visible(message) || "without a message",
        title: visible(message),
      })),
      number("Times", ({ times }) => count(times)),
      number("Last", ({ time }) => ({
        text: ago(time, now),
        title: new Date(time).toISOString(),
      })),
    ], "No errors.");
    this.showErrors = ({ errors, time }) => {
      now = time;
      const total = errors?.total ?? 0;
      setText(panel.note, total > 0 ? count(total) : "");
      const list = (errors?.kinds ?? []).filter(({ total }) => total > 0)
        .slice(0, KINDS);
      while (kinds.children.length > list.length) kinds.lastChild.remove();
      list.forEach(({ kind, total, perSecond }, i) => {
        const text = `${kind === null ? REST : visible(kind)} ${count(total)}` +
          (perSecond > 0 ? `, ${rate(perSecond)}` : "");
        if (!kinds.children[i]) kinds.append(make("li"));
        setText(kinds.children[i], text);
      });
      const rows = errors?.last ?? [];
      show(rows, rows.length, "that are older");
      const sentence = panel.body.querySelector(".empty");
      setText(
        sentence,
        total > 0 ? "Their messages are in the log." : "No errors.",
      );
    };
  }

  #addIsolates(parent) {
    const panel = new Panel("isolates", "Isolates");
    parent.append(panel.element);
    const show = panel.table("Isolates, main program and workers", [
      name(
        "Isolate",
        ({ isolate, isThis }) =>
          `${visible(isolate)}${isThis ? ", this page" : ""}`,
      ),
      name("State", ({ state }) => ({
        text: state,
        tone: { live: "good", blocked: "bad" }[state] ?? "quiet",
      }), { mark: true }),
      number("Lag", ({ lag }) => ({
        text: seconds(lag),
        tone: lag > LAG_HIGH ? "bad" : "",
      })),
      number("Heap", ({ heap }) => bytes(heap)),
      number("Silent", ({ silence, state }) => ({
        text: state === "blocked" ? seconds(silence) : "–",
        tone: state === "blocked" ? "bad" : "quiet",
      }), { wide: true }),
    ], "None has counted anything yet.");
    this.showIsolates = ({ isolates }) => {
      const states = Object.entries(isolates.counts)
        .map(([state, number]) => `${count(number)} ${state}`);
      setText(panel.note, states.join(", "));
      const all = Object.values(isolates.counts).reduce((a, b) => a + b, 0);
      show(isolates.rows, all);
    };
  }

  #addCaches(parent) {
    const panel = new Panel("caches", "Caches");
    parent.append(panel.element);
    const tier = (row, name) => row.tiers.find(({ tier }) => tier === name);
    const ratio = (name) => (row) => percent(tier(row, name)?.ratio);
    const show = panel.table("Hit ratios of caches", [
      name("Cache", ({ cache }) => named(cache)),
      number("Hits", ({ ratio }) => percent(ratio), { bar: (r) => r.ratio }),
      number("L1", ratio("l1")),
      number("L2", ratio("l2")),
      number("L3", ratio("l3")),
      number("Look-ups", ({ perSecond }) => rate(perSecond), { wide: true }),
      number("Load p95", ({ loadP95 }) => seconds(loadP95), { wide: true }),
    ], "No cache.");
    this.showCaches = ({ caches }) => {
      panel.element.hidden = caches === null;
      if (caches === null) return;
      setText(panel.note, count(caches.count));
      show(caches.rows, caches.count, "that are less busy");
    };
  }

  #addTasks(parent) {
    const panel = new Panel("tasks", "Tasks");
    parent.append(panel.element);
    const show = panel.table("Tasks by name", [
      name("Task", ({ task }) => named(task)),
      number("Runs", ({ perSecond }) => rate(perSecond)),
      name("Results", ({ results }) =>
        Object.entries(results)
          .map(([result, total]) => `${visible(result)} ${count(total)}`)
          .join(", ")),
    ], "No task has run yet.");
    this.showTasks = ({ tasks }) => {
      panel.element.hidden = tasks === null;
      if (tasks === null) return;
      const { depth, running, restarts, p95 } = tasks;
      const notes = [
        depth !== null && `${count(depth)} waiting`,
        running !== null && `${count(running)} running`,
        p95 !== null && `p95 ${seconds(p95)}`,
        restarts !== null && `${count(restarts)} restarts of workers`,
      ];
      setText(panel.note, notes.filter(Boolean).join(", "));
      show(tasks.rows, tasks.count, "that are less busy");
    };
  }

  #addClient(parent) {
    const panel = new Panel("client", "Outgoing calls");
    parent.append(panel.element);
    const show = panel.table("Calls by host", [
      name("Host", ({ host }) => named(host)),
      number("Calls", ({ perSecond }) => rate(perSecond)),
      number("p95", ({ p95 }) => seconds(p95)),
      number("Failed", ({ errorShare }) => share(errorShare)),
      number("Total", ({ total }) => count(total), { wide: true }),
    ], "No calls yet.");
    this.showClient = ({ client }) => {
      panel.element.hidden = client === null;
      if (client === null) return;
      setText(panel.note, count(client.count));
      show(client.rows, client.count, "that are less busy");
    };
  }

  #addStat(parent) {
    const panel = new Panel("stat", "Counting");
    parent.append(panel.element);
    const rows = ["Names", "Series", "Overflow", "Requests counted"]
      .map((label) => {
        const value = make("dd");
        panel.body.append(make("div.fact", {}, make("dt", {}, label), value));
        return value;
      });
    const list = make("dl.facts", {}, ...panel.body.childNodes);
    panel.body.append(list);
    const [names, series, overflow, total] = rows;
    this.showStat = ({ stat, requests, build, time }) => {
      setText(names, count(stat.names));
      setText(series, count(stat.series));
      setText(overflow, count(stat.overflow));
      overflow.dataset.tone = stat.overflow > 0 ? "warn" : "";
      setText(total, count(requests?.total ?? 0));
      const version = build.version === null || build.version === "unknown"
        ? ""
        : `version ${visible(build.version)}, `;
      setText(
        this.foot,
        `${version}Deno ${build.deno}, process ${build.pid}, as of ${
          clock(time)
        }`,
      );
    };
  }
}
