// deno-lint-ignore-file no-undef -- runs in a browser
import { bytes, clock, percent, rate, seconds, within } from "./format.js";
import { make, setText } from "./dom.js";

/** Seconds of a range. */
export const SPANS = { "5m": 300, "1h": 3600 };

/** `series` from the bottom to the top; `top` is the least upper end. */
const CHARTS = [
  {
    id: "requests",
    title: "Requests per second",
    format: rate,
    top: 1,
    isStacked: true,
    empty: "no requests yet",
    series: [
      ["s2xx", "2xx"],
      ["s3xx", "3xx"],
      ["s4xx", "4xx"],
      ["s5xx", "5xx"],
      ["other", "other"],
    ],
  },
  {
    id: "latency",
    title: "Response time, last 60 s",
    format: seconds,
    value: within,
    top: 0.005,
    empty: "no requests in this time",
    series: [["p50", "p50"], ["p95", "p95"], ["p99", "p99"]],
  },
  {
    id: "hits",
    title: "Cache hit ratio",
    format: percent,
    top: 1,
    isShare: true,
    isOptional: true,
    empty: "no look-ups in this time",
    series: [["hits", "all tiers"], ["l1", "L1"]],
  },
  {
    id: "lag",
    title: "Event loop lag, worst isolate",
    format: seconds,
    top: 0.02,
    empty: "nothing measured yet",
    series: [["lag", "lag"]],
  },
  {
    id: "heap",
    title: "Heap of all isolates",
    format: bytes,
    top: 1024 * 1024,
    isBinary: true,
    empty: "nothing measured yet",
    series: [["heap", "heap"]],
  },
];

/** Steps of an axis of bytes, so that its labels are whole. */
const BINARY = Array.from({ length: 41 }, (_, i) => 2 ** i);

/** All charts; their cursors move together. */
export class Charts {
  constructor(parent) {
    this.charts = CHARTS.map((options) => new Chart(parent, options));
    addEventListener("theme", () => {
      for (const chart of this.charts) chart.paint();
    });
  }

  /**
   * @param columns What each series was, with `time` in milliseconds.
   * @param span Seconds that are shown.
   * @param now Milliseconds, the right end.
   * @param finest Seconds below which times are not told apart.
   */
  show(columns, span, now, finest) {
    for (const chart of this.charts) chart.show(columns, span, now, finest);
  }
}

class Chart {
  constructor(parent, options) {
    this.options = options;
    const { id, title, series, empty } = options;
    this.at = make("li.at");
    this.entries = series.map(([key, label]) => {
      const swatch = make("i", { class: `swatch ${key}` });
      const value = make("b");
      const item = make("li", {}, swatch, make("span", {}, label), value);
      return { key, label, swatch, value, item };
    });
    this.plot = make("div.plot", {
      tabindex: "0",
      role: "img",
      "aria-describedby": `keys-${id}`,
    });
    this.said = make("p.hidden", { "aria-live": "polite" });
    this.empty = make("p.empty", {}, empty);
    this.figure = make(
      "figure",
      { id: `chart-${id}`, class: "card chart" },
      make(
        "figcaption",
        {},
        make("h2", {}, title),
        make("ul", {}, this.at, ...this.entries.map(({ item }) => item)),
      ),
      make("div.frame", {}, this.plot, this.empty),
      make(
        "p.hidden",
        { id: `keys-${id}` },
        "Left and right arrow keys read the values, Escape ends it.",
      ),
      this.said,
    );
    parent.append(this.figure);
    this.columns = { time: [] };
    this.range = [0, 1];
    this.colours = {};
    this.uplot = new globalThis.uPlot(this.#settings(), [[]], this.plot);
    this.paint();
    this.plot.addEventListener("keydown", (event) => this.#press(event));
    this.plot.addEventListener("blur", () => this.#point(undefined));
    new ResizeObserver(() => this.#fit()).observe(this.plot);
  }

  #settings() {
    const { series, format, top, isStacked, isShare, isBinary } = this.options;
    const stroke = (name) => () => this.colours[name]?.line;
    const axis = {
      font: "12px system-ui, sans-serif",
      stroke: stroke("axis"),
      grid: { stroke: stroke("grid"), width: 1 },
      ticks: { show: false },
    };
    // The highest area is drawn first: the lower ones lie over it.
    const order = isStacked ? series.toReversed() : series;
    return {
      width: 300,
      height: 160,
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false, setScale: false },
        sync: { key: "oresty" },
        points: { show: !isStacked, size: 7 },
      },
      scales: {
        x: { range: () => this.range },
        y: {
          range: (_u, _min, max) => [
            0,
            isShare ? 1 : Math.max(top, (max ?? 0) * 1.08),
          ],
        },
      },
      axes: [
        {
          ...axis,
          space: 70,
          size: 28,
          values: (_u, splits, _axis, _space, step) =>
            splits.map((time) =>
              clock(time * 1000).slice(0, step < 60 ? 8 : 5)
            ),
        },
        {
          ...axis,
          space: 36,
          size: 62,
          ...(isBinary ? { incrs: BINARY } : {}),
          values: (_u, splits) => splits.map(format),
        },
      ],
      series: [
        {},
        ...order.map(([key, label]) => ({
          label,
          stroke: stroke(key),
          width: isStacked ? 1 : 1.75,
          points: { show: false },
          ...(isStacked || series.length === 1
            ? { fill: () => this.colours[key]?.area }
            : {}),
        })),
      ],
      hooks: { setCursor: [(u) => this.#tell(u.cursor.idx)] },
    };
  }

  show(columns, span, now, finest) {
    this.finest = finest;
    const { series, isStacked, isOptional } = this.options;
    this.columns = columns;
    // A minute at least; before there is more, the time that is known.
    const first = columns.time[0] ?? now;
    const start = Math.max(now - span * 1000, Math.min(first, now - 60_000));
    this.range = [start / 1000, now / 1000];
    const known = series.map(([key]) => columns[key]);
    const has = (column) => column.some((value) => value !== null);
    const isEmpty = !known.some(has);
    this.figure.hidden = Boolean(isOptional) && isEmpty;
    this.empty.hidden = !isEmpty;
    // What nobody has answered yet needs no name; "2xx" always has one.
    this.entries.forEach(({ key, item }, i) => {
      const isRare = isStacked && i > 0;
      item.hidden = isRare && !columns[key].some((value) => value > 0);
    });
    const data = isStacked ? stack(known) : known;
    this.uplot.setData([columns.time.map((time) => time / 1000), ...data]);
    this.#tell(this.uplot.cursor.idx);
  }

  /** Takes the colours as the style sheet has them now. */
  paint() {
    const style = getComputedStyle(this.plot);
    this.colours = {
      axis: { line: style.color },
      grid: { line: style.borderTopColor },
    };
    for (const { key, swatch } of this.entries) {
      const { color, backgroundColor } = getComputedStyle(swatch);
      this.colours[key] = { line: color, area: backgroundColor };
    }
    this.uplot.redraw();
  }

  #fit() {
    const { clientWidth, clientHeight } = this.plot;
    if (clientWidth > 0 && clientHeight > 0) {
      this.uplot.setSize({ width: clientWidth, height: clientHeight });
    }
  }

  /** Shows the values at the cursor, or the last ones. */
  #tell(index) {
    const { time } = this.columns;
    const at = index ?? time.length - 1;
    const isPointed = typeof index === "number";
    setText(this.at, isPointed ? clock(time[at]) : "");
    const { format, title } = this.options;
    const valueOf = this.options.value ?? format;
    const values = this.entries.map(({ key, label, value, item }) => {
      const text = valueOf(this.columns[key]?.[at], this.finest);
      setText(value, text);
      return item.hidden ? [] : [`${label} ${text}`];
    }).flat();
    if (!isPointed) {
      this.plot.setAttribute("aria-label", `${title}: ${values.join(", ")}`);
    }
    return values;
  }

  #press(event) {
    const { time } = this.columns;
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -1e9, End: 1e9 };
    if (event.key === "Escape") this.#point(undefined);
    const step = steps[event.key];
    if (step === undefined || time.length === 0) return;
    event.preventDefault();
    const from = this.uplot.cursor.idx ?? time.length - (step < 0 ? 0 : 1);
    const at = Math.min(Math.max(from + step, 0), time.length - 1);
    this.#point(at);
    setText(this.said, `${clock(time[at])}: ${this.#tell(at).join(", ")}`);
  }

  #point(index) {
    const left = index === undefined
      ? -10
      : this.uplot.valToPos(this.columns.time[index] / 1000, "x");
    const top = index === undefined ? -10 : 10;
    this.uplot.setCursor({ left, top }, true, true);
    if (index === undefined) setText(this.said, "");
  }
}

/** Sums from the bottom up, the highest one first; unknown where all are. */
function stack(columns) {
  const sums = [];
  let below = columns[0].map(() => null);
  for (const column of columns) {
    below = column.map((value, i) =>
      value === null ? below[i] : value + (below[i] ?? 0)
    );
    sums.unshift(below);
  }
  return sums;
}
