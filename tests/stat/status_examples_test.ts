import { assert, assertEquals } from "@std/assert";
import { hasPrometheus, hasPromtool, Prometheus } from "../services.ts";
import { repository } from "../workspace.ts";
import { appUrl, pause, startProgram } from "./status_browser.ts";

const RULES = `${repository}examples/prometheus`;
const DASHBOARD = `${repository}examples/grafana/oresty.json`;

/** What a dashboard has, as far as it is read here. */
interface Dashboard {
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
    readonly targets: readonly { readonly expr: string }[];
  }[];
  readonly templating: {
    readonly list: readonly { readonly name: string }[];
  };
}

async function readDashboard(): Promise<Dashboard> {
  return JSON.parse(await Deno.readTextFile(DASHBOARD));
}

/** An expression of the dashboard as Grafana would send it. */
function filled(expr: string): string {
  return expr
    .replaceAll("$job", "oresty")
    .replaceAll("$instance", ".*")
    .replaceAll("$__rate_interval", "5s");
}

async function promtool(...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command("promtool", {
    args,
    cwd: RULES,
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stdout) + decoder.decode(stderr));
}

Deno.test({
  name: "examples: promtool takes configuration and rules, and they do as said",
  ignore: !hasPromtool(),
  async fn() {
    await promtool("check", "config", "prometheus.yml");
    await promtool("check", "rules", "alerts.yml");
    await promtool("test", "rules", "alerts_test.yml");
    const alerts = await Deno.readTextFile(`${RULES}/alerts.yml`);
    const tests = await Deno.readTextFile(`${RULES}/alerts_test.yml`);
    const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) =>
      name!
    );
    assertEquals(names.length, 8);
    for (const name of names) {
      const cases = tests.split(`alertname: ${name}\n`).length - 1;
      assert(cases >= 2, `"${name}" is not tested both ways`);
    }
  },
});

Deno.test({
  name: "examples: promtool takes every expression of the dashboard",
  ignore: !hasPromtool(),
  async fn() {
    const { panels, templating } = await readDashboard();
    const rules = panels.flatMap(({ id, targets }) =>
      targets.map(({ expr }, i) => ({
        record: `panel_${id}_${i}`,
        expr: filled(expr),
      }))
    );
    assert(rules.length > 20, `${rules.length}`);
    const variables = templating.list.map(({ name }) => name);
    for (const { expr } of rules) {
      assert(!/\$(?!\{1\})/.test(expr), `a variable is left in ${expr}`);
    }
    assertEquals(variables, ["datasource", "job", "instance"]);
    const file = await Deno.makeTempFile({ suffix: ".yml" });
    try {
      // JSON is YAML, too.
      await Deno.writeTextFile(
        file,
        JSON.stringify({ groups: [{ name: "panels", rules }] }),
      );
      await promtool("check", "rules", file);
    } finally {
      await Deno.remove(file);
    }
    // No panel lies over another one, and each has a number of its own.
    const cells = new Set<string>();
    for (const { title, gridPos: { x, y, w, h } } of panels) {
      assert(x + w <= 24, title);
      for (let i = x; i < x + w; i++) {
        for (let j = y; j < y + h; j++) {
          assert(!cells.has(`${i} ${j}`), title);
          cells.add(`${i} ${j}`);
        }
      }
    }
    assertEquals(new Set(panels.map(({ id }) => id)).size, panels.length);
  },
});

Deno.test({
  name: "examples: a live program has what alerts and dashboard name",
  ignore: !hasPrometheus(),
  async fn() {
    await using program = await startProgram("app");
    const app = await appUrl(program);
    const load = async (times: number) => {
      for (let i = 0; i < times; i++) {
        for (const path of ["/users/1", `/users/${i}`, "/broken", "/nowhere"]) {
          await (await fetch(app + path)).body?.cancel();
        }
      }
    };
    await load(3);
    // Only then is there an overflow.
    await (await fetch(`${app}/overflow`)).body?.cancel();
    await using prometheus = await Prometheus.start([
      new URL(program.url).host,
    ]);
    await prometheus.waitFor("up", 1);
    for (let i = 0; i < 8; i++) {
      await load(2);
      await pause(500);
    }

    const text = await (await fetch(`${program.url}/metrics`)).text();
    const live = new Set(
      text.split("\n").map((line) => /^\w+/.exec(line)?.[0]),
    );
    const files = [
      ...["alerts.yml", "alerts_test.yml"].map((name) => `${RULES}/${name}`),
      DASHBOARD,
    ];
    for (const file of files) {
      const names = (await Deno.readTextFile(file))
        .match(/\b(http|oresty|process|deno)_\w+/g)!
        // The path of a secret, in a comment.
        .filter((name) => name !== "oresty_token");
      assert(names.length > 5, file);
      for (const name of names) {
        assert(live.has(name), `${file} names "${name}", which is not there`);
      }
    }

    const { panels } = await readDashboard();
    const empty: string[] = [];
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const found = Object.keys(await prometheus.query(filled(expr)));
        if (found.length === 0) empty.push(`${title}: ${expr}`);
      }
    }
    assertEquals(empty, []);
    assertEquals(
      Object.keys(
        await prometheus.query(
          filled(
            panels.find(({ title }) => title === "Requests by class of status")!
              .targets[0]!.expr,
          ),
        ),
      ).sort(),
      ["class=2xx", "class=4xx", "class=5xx"],
    );
  },
});
