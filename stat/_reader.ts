import type { Segment } from "@oresty/shm";
import { Declared } from "./_declared.ts";
import { type Definition, kindOf, sampleNames } from "./_definition.ts";
import { OVERFLOW_LABELS } from "./_labels.ts";
import { MergedFamily } from "./_merged_family.ts";
import {
  type BucketTargets,
  CounterRow,
  GaugeRow,
  HistogramRow,
  type Row,
} from "./_row.ts";
import { CounterSlot, GaugeSlot, HistogramSlot } from "./_series.ts";
import { Store } from "./_store.ts";

/** A store to read; without a segment it is this isolate's own. */
export interface Source {
  readonly store: Store;
  readonly segment: Segment | null;
}

/** Series of one kind in a store: rows, and beside them their slots. */
interface Part<R extends Row> {
  readonly rows: R[];
  readonly slots: number[];
}

/** Histograms know which of a row's buckets each of theirs belongs to. */
interface HistogramPart extends Part<HistogramRow> {
  readonly targets: BucketTargets[];
}

/** A family as a store has it. */
interface StoreFamily {
  readonly family: MergedFamily;
  /** Of a histogram; else empty. */
  readonly targets: BucketTargets;
}

/** How far a store was read, and what was found. */
class Cursor {
  records = 0;
  at: number = Store.first;
  readonly families: Map<number, StoreFamily> = new Map();
  readonly counters: Part<CounterRow> = { rows: [], slots: [] };
  readonly gauges: Part<GaugeRow> = { rows: [], slots: [] };
  readonly histograms: HistogramPart = { rows: [], slots: [], targets: [] };
}

/** An isolate without a sign of life has no gauges any more, milliseconds. */
const LIFE = 60_000;

/**
 * Merges the series of all isolates by their keys. What is new in a store is
 * found by reading on from where it was left; the rows stay.
 */
export class Reader {
  readonly #most: number;
  readonly #cursors: Map<Store, Cursor> = new Map();
  /** By name and kind. */
  readonly #declared: Map<string, Declared> = new Map();
  readonly #families: Map<string, MergedFamily> = new Map();
  readonly #warned: Set<string> = new Set();
  /** Whether rows were made of a definition that is no more. */
  #isStale = false;
  #chosen: readonly MergedFamily[] = [];
  #isChosen = true;
  #segments: readonly Segment[] = [];
  #sources: Source[] = [];
  /** Label sets that were merged into overflow series. */
  overflow = 0;

  /** @param most Label sets of one name. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The sources of a group's segments; the list changes when they do. */
  sourcesOf(segments: readonly Segment[]): Source[] {
    if (segments === this.#segments) return this.#sources;
    const known = new Map(this.#sources.map((s) => [s.segment, s]));
    this.#sources = segments.map((segment) =>
      known.get(segment) ?? { segment, store: new Store(segment) }
    );
    this.#segments = segments;
    return this.#sources;
  }

  /** Reads everything; what it gives is good until the next time. */
  read(sources: readonly Source[], now: number): readonly MergedFamily[] {
    this.#followAll(sources);
    for (const { rows } of this.#families.values()) {
      for (const row of rows) row.reset();
    }
    for (const { store, segment } of sources) {
      const cursor = this.#cursors.get(store);
      if (cursor === undefined) continue;
      const { counters, gauges, histograms } = cursor;
      const window = Math.floor(now / (store.window * 1000));
      for (let i = 0; i < counters.rows.length; i++) {
        counters.rows[i]!.add(store, counters.slots[i]!, window);
      }
      for (let i = 0; i < histograms.rows.length; i++) {
        histograms.rows[i]!.add(
          store,
          histograms.slots[i]!,
          histograms.targets[i]!,
        );
      }
      const isAlive = segment === null ||
        segment.state === "live" && now - segment.heartbeat < LIFE;
      if (!isAlive) continue;
      for (let i = 0; i < gauges.rows.length; i++) {
        gauges.rows[i]!.add(store, gauges.slots[i]!);
      }
    }
    if (!this.#isChosen) this.#choose();
    for (const family of this.#chosen) family.sort();
    return this.#chosen;
  }

  /** Sets everything to nothing. */
  flush(sources: readonly Source[]): void {
    this.#followAll(sources);
    for (const { store } of sources) {
      const cursor = this.#cursors.get(store);
      if (cursor === undefined) continue;
      const { counters, gauges, histograms } = cursor;
      store.beginTurn();
      for (const slot of counters.slots) {
        store.doubles.fill(0, slot, slot + CounterSlot.size);
      }
      for (const slot of gauges.slots) {
        store.doubles.fill(0, slot, slot + GaugeSlot.size);
      }
      histograms.targets.forEach(({ length }, i) => {
        const slot = histograms.slots[i]!;
        store.doubles.fill(0, slot, slot + HistogramSlot.buckets + length);
      });
      store.endTurn();
    }
  }

  #followAll(sources: readonly Source[]): void {
    for (const { store } of sources) if (store.isReadable) this.#follow(store);
    if (!this.#isStale) return;
    // Rare: all rows are made anew, of what is known of all metrics by now.
    this.#isStale = false;
    this.#isChosen = false;
    this.overflow = 0;
    this.#cursors.clear();
    this.#families.clear();
    for (const { store } of sources) if (store.isReadable) this.#follow(store);
  }

  /** Reads on in a store. */
  #follow(store: Store): void {
    let cursor = this.#cursors.get(store);
    if (cursor === undefined) {
      cursor = new Cursor();
      this.#cursors.set(store, cursor);
    }
    for (const end = store.records; cursor.records < end; cursor.records++) {
      const [record, next] = store.recordAt(cursor.at);
      if (record.kind === "family") {
        const definition = JSON.parse(record.text) as Definition;
        const family = this.#family(definition, record.madeAt);
        const targets = targetsOf(
          definition.buckets,
          family.definition.buckets,
        );
        cursor.families.set(cursor.records, { family, targets });
      } else {
        const family = cursor.families.get(record.family);
        if (family !== undefined) {
          this.#add(cursor, family, record.text, record.slot);
        }
      }
      cursor.at = next;
    }
  }

  #add(
    cursor: Cursor,
    { family, targets }: StoreFamily,
    labels: string,
    slot: number,
  ): void {
    let row = family.row(labels, this.#most);
    if (row === undefined) {
      this.overflow++;
      row = family.row(OVERFLOW_LABELS, this.#most)!;
    }
    if (row instanceof HistogramRow) cursor.histograms.targets.push(targets);
    const part: Part<Row> = row instanceof CounterRow
      ? cursor.counters
      : row instanceof GaugeRow
      ? cursor.gauges
      : cursor.histograms;
    part.rows.push(row);
    part.slots.push(slot);
  }

  #family(definition: Definition, madeAt: number): MergedFamily {
    const key = `${definition.name} ${kindOf(definition)}`;
    const declared = this.#declared.get(key) ?? new Declared();
    this.#declared.set(key, declared);
    const isOther = declared.add(definition, madeAt);
    let family = this.#families.get(key);
    if (family === undefined) {
      family = new MergedFamily(declared.chosen);
      this.#families.set(key, family);
    } else if (isOther) this.#isStale = true;
    this.#isChosen = false;
    return family;
  }

  /**
   * One metric a name, and one name a line. Of two kinds the newer one has the
   * name: it is that of the newer code. The other one is shown all the same,
   * under a name that says what it is.
   */
  #choose(): void {
    const taken: Map<string, string> = new Map();
    const take = (definition: Definition): boolean => {
      const lines = sampleNames(definition);
      if (lines.some((line) => taken.has(line))) return false;
      for (const line of lines) taken.set(line, definition.name);
      return true;
    };
    const all = [...this.#families].map(([key, family]) => ({
      family,
      declared: this.#declared.get(key)!,
    }));
    all.sort(({ declared: a }, { declared: b }) =>
      a.chosen.name === b.chosen.name
        ? b.since - a.since || (a.chosen.type < b.chosen.type ? -1 : 1)
        : a.chosen.name < b.chosen.name
        ? -1
        : 1
    );
    const others = all.filter(({ family, declared: { chosen } }) => {
      const isTaken = take(chosen);
      if (isTaken) family.rename(chosen);
      return !isTaken;
    });
    const chosen = all.filter((one) => !others.includes(one));
    for (const one of others) {
      const { name, type } = one.declared.chosen;
      const other = { ...one.declared.chosen, name: `${name}_as_${type}` };
      const isShown = take(other);
      this.#warn(name, type, isShown ? `is shown as "${other.name}"` : "");
      if (!isShown) continue;
      one.family.rename(other);
      chosen.push(one);
    }
    this.#chosen = chosen.map(({ family }) => family)
      .sort((a, b) => a.definition.name < b.definition.name ? -1 : 1);
    this.#isChosen = true;
  }

  #warn(name: string, type: string, remedy: string): void {
    const key = `${name} ${type}`;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    // deno-lint-ignore no-console -- there is no logger this far down
    console.warn(
      `oresty: metric "${name}" is something else in other isolates: the ` +
        `${type} ${remedy || "is not shown"}`,
    );
  }
}

/**
 * In which bucket of a merged histogram each bucket of another one counts: in
 * the first one that holds all of it, so that no value is said to be smaller
 * than it was.
 */
function targetsOf(
  from: readonly number[],
  to: readonly number[],
): BucketTargets {
  return Uint8Array.from([...from, Infinity], (bound) => {
    const target = to.findIndex((other) => other >= bound);
    return target < 0 ? to.length : target;
  });
}

export type { MergedFamily };
