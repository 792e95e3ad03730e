import { SegmentGroup } from "@oresty/shm";
import { SlotCounter } from "./_counter.ts";
import {
  type Definition,
  definitionOf,
  identityOf,
  type MetricType,
  sampleNames,
} from "./_definition.ts";
import { SlotGauge } from "./_gauge.ts";
import { SlotHistogram } from "./_histogram.ts";
import { type LabelMap, labelText, OVERFLOW_LABELS } from "./_labels.ts";
import { type Place, Placement } from "./_placement.ts";
import { sayProblem } from "./_problem.ts";
import { type MergedFamily, Reader, type Source } from "./_reader.ts";
import type { Series, WindowClock } from "./_series.ts";
import { Store } from "./_store.ts";

/** What can be injected, for tests. */
export interface RegistryOptions {
  /** The group in which isolates find each other. */
  group?: string;
  /** Seconds of a window. */
  window?: number;
  /** Label sets of one name, in an isolate and when they are merged. */
  most?: number;
  /** Bytes of a segment. */
  size?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

interface Family {
  readonly definition: Definition;
  readonly series: Map<string, Series>;
}

/** How a series of a type is written. */
export type SeriesOf<T extends MetricType> = T extends "gauge" ? SlotGauge
  : T extends "histogram" ? SlotHistogram
  : SlotCounter;

const GROUP = "oresty:stat:1";
const SIZE = 1024 * 1024;
const DEFAULT_WINDOW = 60;
/** Label sets of one name; the rest becomes one series. */
const MOST = 1000;
const TICK = 250;
/** Ticks from one sampling of gauges to the next. */
const SAMPLE_EVERY = 4;

const OVERFLOW: Definition = definitionOf("oresty_stat_overflow_total", {
  type: "counter",
  help: "Look-ups of series beyond the cap of label sets.",
});

/**
 * The series of this isolate, and the reading of those of all. Series are there
 * from the first call on: in a store of its own, until the group is joined.
 */
export class Registry implements WindowClock {
  window = -1;
  readonly #now: () => number;
  readonly #groupName: string;
  readonly #most: number;
  readonly #size: number;
  #seconds: number;
  readonly #families: Map<string, Family> = new Map();
  /** Who has the name of a line. */
  readonly #names: Map<string, string> = new Map();
  #placement: Placement = new Placement();
  #reader: Reader;
  #group: SegmentGroup | undefined;
  #joining: Promise<void> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #ticks = 0;
  #stops = 0;
  readonly #samplers: Set<() => void> = new Set();

  constructor(options: RegistryOptions = {}) {
    this.#groupName = options.group ?? GROUP;
    this.#seconds = options.window ?? DEFAULT_WINDOW;
    this.#most = options.most ?? MOST;
    this.#size = options.size ?? SIZE;
    this.#now = options.now ?? Date.now;
    this.#reader = new Reader(this.#most);
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return this.#now();
  }

  /** Seconds of a window. */
  get windowSeconds(): number {
    return this.#seconds;
  }

  set windowSeconds(seconds: number) {
    this.#seconds = seconds;
    if (this.window === -1) return;
    this.#setWindow();
    for (const store of this.#placement.stores) store.window = seconds;
    for (const { series } of this.#families.values()) {
      for (const one of series.values()) {
        if (one instanceof SlotCounter) one.rescale(this.window);
      }
    }
  }

  /** Joins the others, once; it is done when their series are known. */
  join(): Promise<void> {
    this.#wake();
    return this.#joining ??= this.#join();
  }

  /** The group, once it is joined. */
  get group(): SegmentGroup | undefined {
    return this.#group;
  }

  /** Looks at the clock; a timer does. */
  tick(): void {
    this.#setWindow();
    if (++this.#ticks % SAMPLE_EVERY === 0) this.sample();
  }

  /** Lets all gauges be set that are asked for. */
  sample(): void {
    for (const sampler of [...this.#samplers]) {
      try {
        sampler();
      } catch (error) {
        // The other ones are set all the same.
        this.#samplers.delete(sampler);
        sayProblem("a sampler failed, and is not called again", error);
      }
    }
  }

  /** Calls a function each second; gives what ends it. */
  addSampler(sampler: () => void): () => void {
    this.#samplers.add(sampler);
    this.join().catch(sayAlone);
    return () => {
      this.#samplers.delete(sampler);
    };
  }

  turn(): number {
    this.#wake();
    return this.window;
  }

  #wake(): void {
    if (this.#timer !== undefined) return;
    this.#setWindow();
    this.#timer = setInterval(() => this.tick(), TICK);
    Deno.unrefTimer(this.#timer);
    this.join().catch(sayAlone);
  }

  #setWindow(): void {
    this.window = Math.floor(this.#now() / (this.#seconds * 1000));
  }

  async #join(): Promise<void> {
    const stops = this.#stops;
    let group: SegmentGroup;
    try {
      group = await SegmentGroup.join(this.#groupName, { size: this.#size });
    } catch (error) {
      // What is counted here is shown here; another call tries again.
      if (this.#stops === stops) this.#joining = undefined;
      throw error;
    }
    if (this.#stops !== stops) {
      group.close(); // it was stopped meanwhile
      return;
    }
    this.#group = group;
    this.#placement = new Placement();
    this.#own(Store.own(group.own));
    // In one go, so that no reader sees them twice or not at all.
    for (const { definition, series } of this.#families.values()) {
      this.#announce(definition);
      for (const [labels, one] of series) {
        const { store, slot } = this.#place(definition, labels);
        one.move(store, slot);
      }
    }
  }

  /**
   * Leaves the others, who keep what was counted here. Series that are held go
   * on from nothing.
   */
  async stop(): Promise<void> {
    const joining = this.#joining;
    const group = this.#group;
    this.#stops++;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#joining = undefined;
    this.#group = undefined;
    this.window = -1;
    this.#samplers.clear();
    this.#placement = new Placement();
    this.#reader = new Reader(this.#most);
    for (const { definition, series } of this.#families.values()) {
      for (const [labels, one] of series) {
        const { store, slot } = this.#place(definition, labels);
        one.bind(store, slot);
      }
    }
    group?.close();
    // It closes what it has opened.
    await joining?.catch(() => {});
  }

  /** Says what a metric is, before it is used. */
  declare(definition: Definition): void {
    const known = this.#families.get(definition.name);
    if (known === undefined) {
      this.#addFamily(definition);
      return;
    }
    if (identityOf(known.definition) !== identityOf(definition)) {
      throw new TypeError(
        `Cannot declare "${definition.name}" as ${describe(definition)}: ` +
          `KEY_FORMAT_ERR, it is used as ${describe(known.definition)}`,
      );
    }
    if (definition.help === known.definition.help || definition.help === "") {
      return;
    }
    this.#families.set(definition.name, { definition, series: known.series });
    this.#announce(definition);
  }

  /**
   * A series, made when it is not there.
   *
   * @throws {TypeError} When the key is none, or is something else.
   */
  series<T extends MetricType>(
    key: string,
    labels: LabelMap,
    accepted: readonly T[],
    fallback: () => Definition,
  ): SeriesOf<T> {
    let family = this.#families.get(key);
    if (family === undefined) {
      family = this.#addFamily(fallback());
      this.join().catch(sayAlone);
    } else if (!accepted.includes(family.definition.type as T)) {
      throw new TypeError(
        `Cannot use "${key}" as ${accepted.at(-1)}: KEY_FORMAT_ERR, it is ` +
          describe(family.definition),
      );
    }
    return this.#seriesOf(family, labels) as SeriesOf<T>;
  }

  /** What a metric is known as here. */
  definition(key: string): Definition | undefined {
    return this.#families.get(key)?.definition;
  }

  #seriesOf(family: Family, labels: LabelMap): Series {
    const { definition, series } = family;
    const text = labelText(labels);
    const known = series.get(text);
    if (known !== undefined) return known;
    if (definition.type === "histogram" && labels.has("le")) {
      throw new TypeError(
        `Cannot use label "le" of histogram "${definition.name}": ` +
          `NAME_FORMAT_ERR, its buckets have it`,
      );
    }
    const isFull = this.#placement.count(definition.name) >= this.#most &&
      this.#placement.find(definition, text) === undefined;
    if (isFull && text !== OVERFLOW_LABELS) {
      this.#overflowed();
      return this.#seriesOf(family, new Map([["overflow", "true"]]));
    }
    const { store, slot } = this.#place(definition, text);
    const made = this.#make(definition, store, slot);
    series.set(text, made);
    return made;
  }

  #overflowed(): void {
    this.series(OVERFLOW.name, new Map(), ["counter"], () => OVERFLOW).incr();
  }

  #make(definition: Definition, store: Store, slot: number): Series {
    switch (definition.type) {
      case "gauge":
        return new SlotGauge(store, slot, definition.aggregate === "last");
      case "histogram":
        return new SlotHistogram(store, slot, definition.buckets);
      default:
        return new SlotCounter(store, slot, this);
    }
  }

  #addFamily(definition: Definition): Family {
    const { name } = definition;
    const names = sampleNames(definition);
    for (const sample of names) {
      const other = this.#names.get(sample);
      if (other === undefined) continue;
      throw new TypeError(
        `Cannot use key "${name}": KEY_FORMAT_ERR, its line "${sample}" is ` +
          `one of "${other}" already`,
      );
    }
    for (const sample of names) this.#names.set(sample, name);
    const family = { definition, series: new Map() };
    this.#families.set(name, family);
    this.#announce(definition);
    return family;
  }

  #announce(definition: Definition): void {
    if (this.#placement.announce(definition, this.now)) return;
    this.#own(this.#newStore());
    this.#placement.announce(definition, this.now);
  }

  #place(definition: Definition, labels: string): Place {
    const found = this.#placement.find(definition, labels);
    if (found !== undefined) return found;
    for (;;) {
      const place = this.#placement.add(definition, labels, this.now);
      if (place !== undefined) return place;
      // Else it would go on for ever.
      if (this.#placement.isEmpty) {
        throw new RangeError(
          `Cannot keep a series of "${definition.name}": a segment has ` +
            `${this.#size} bytes`,
        );
      }
      this.#own(this.#newStore());
      // One that was left by another may have it, or be full as well.
      const left = this.#placement.find(definition, labels);
      if (left !== undefined) return left;
    }
  }

  #newStore(): Store {
    return this.#group === undefined
      ? Store.local(this.#size)
      : Store.own(this.#group.extend());
  }

  #own(store: Store): void {
    store.window = this.#seconds;
    this.#placement.own(store);
  }

  /** Reads all series of all isolates; good until the next reading. */
  read(): readonly MergedFamily[] {
    return this.#reader.read(this.#sources(), this.now);
  }

  /** Label sets that were merged into overflow series by the last reading. */
  get mergedOverflow(): number {
    return this.#reader.overflow;
  }

  #sources(): Source[] {
    if (this.#group === undefined) {
      return this.#placement.stores.map((store) => ({ store, segment: null }));
    }
    return this.#reader.sourcesOf(this.#group.segments);
  }

  /** Sets all series of all isolates to nothing, as tests want it. */
  flush(): void {
    this.#reader.flush(this.#sources());
  }
}

function sayAlone(error: unknown): void {
  sayProblem("metrics of this isolate are not seen by others", error);
}

function describe({ type, buckets, aggregate }: Definition): string {
  if (type === "histogram") return `histogram with buckets ${buckets.join()}`;
  return type === "gauge" ? `gauge, aggregated by ${aggregate}` : type;
}
