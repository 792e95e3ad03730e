import { type Definition, identityOf } from "./_definition.ts";
import { GaugeSlot, HistogramSlot } from "./_series.ts";
import { Store } from "./_store.ts";

/** Where a series is. */
export interface Place {
  readonly store: Store;
  readonly slot: number;
}

interface Owned {
  readonly store: Store;
  /** The numbers of the families in it, by name and what they are. */
  readonly families: Map<string, number>;
}

/**
 * The stores that this isolate writes, and where in them its series are: those
 * that it made, and those that an isolate left that is gone.
 */
export class Placement {
  readonly #owned: Owned[] = [];
  readonly #places: Map<string, Place> = new Map();
  readonly #counts: Map<string, number> = new Map();

  /** The stores, in the order in which they came. */
  get stores(): Store[] {
    return this.#owned.map(({ store }) => store);
  }

  /** Whether nothing but a definition is in the newest one. */
  get isEmpty(): boolean {
    return (this.#owned.at(-1)?.store.records ?? 2) < 2;
  }

  /** Series of a name in all of them. */
  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Takes a store to write, with what is in it. */
  own(store: Store): void {
    const families: Map<string, number> = new Map();
    const definitions: Map<number, Definition> = new Map();
    let at = Store.first;
    for (let i = 0; i < store.records; i++) {
      const [record, next] = store.recordAt(at);
      at = next;
      if (record.kind === "family") {
        const definition = JSON.parse(record.text) as Definition;
        definitions.set(i, definition);
        families.set(familyKey(definition), i);
        continue;
      }
      const definition = definitions.get(record.family)!;
      const { slot } = record;
      // The value of an isolate that is gone says nothing about this one.
      if (definition.type === "gauge") {
        store.doubles.fill(0, slot, slot + GaugeSlot.size);
      }
      this.#remember(definition, record.text, { store, slot });
    }
    this.#owned.push({ store, families });
  }

  /** The place of a series that is there already. */
  find(definition: Definition, labels: string): Place | undefined {
    return this.#places.get(seriesKey(definition, labels));
  }

  /** Makes a place for a series; undefined when no store has room. */
  add(
    definition: Definition,
    labels: string,
    now: number,
  ): Place | undefined {
    // Only the newest: those before it are full.
    const owned = this.#owned.at(-1);
    if (owned === undefined) return undefined;
    const { store } = owned;
    const family = this.#family(owned, definition, now);
    if (family < 0) return undefined;
    const slot = store.addSeries(family, labels, numbersOf(definition));
    if (slot < 0) return undefined;
    const place = { store, slot };
    this.#remember(definition, labels, place);
    return place;
  }

  /** Tells readers of a definition before it has a series. */
  announce(definition: Definition, now: number): boolean {
    const owned = this.#owned.at(-1);
    return owned !== undefined && this.#family(owned, definition, now) >= 0;
  }

  #family(owned: Owned, definition: Definition, now: number): number {
    const key = familyKey(definition);
    let family = owned.families.get(key);
    if (family === undefined) {
      family = owned.store.addFamily(JSON.stringify(definition), now);
      if (family >= 0) owned.families.set(key, family);
    }
    return family;
  }

  #remember(definition: Definition, labels: string, place: Place): void {
    const key = seriesKey(definition, labels);
    if (this.#places.has(key)) return;
    this.#places.set(key, place);
    this.#counts.set(definition.name, this.count(definition.name) + 1);
  }
}

function familyKey(definition: Definition): string {
  return `${definition.name} ${identityOf(definition)} ${definition.help}`;
}

function seriesKey(definition: Definition, labels: string): string {
  return `${definition.name} ${identityOf(definition)} ${labels}`;
}

function numbersOf({ type, buckets }: Definition): number {
  return type === "histogram" ? HistogramSlot.buckets + buckets.length + 1 : 8;
}
