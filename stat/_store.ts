/** Memory of an isolate: a segment of the group, or one of its own at first. */
export interface Memory {
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly doubles: Float64Array<SharedArrayBuffer>;
}

/** "ORST" as a word. */
const MAGIC = 0x4f525354;
const LAYOUT_VERSION = 1;

/** Words of the header. */
const Head = {
  magic: 0,
  version: 1,
  /** Records that are whole. */
  records: 2,
  /** Where the next record begins, in bytes. */
  end: 3,
  /** The lowest slot, in doubles: they grow down towards the records. */
  slots: 4,
  /** Odd while a window is being turned. */
  turning: 5,
  /** Seconds of a window, as a double. */
  window: 6,
} as const;
const HEAD_BYTES = 64;

/**
 * Words of a record: its bytes, what it is, the family of a series, its slot,
 * bytes of its text, and when it was made (a double). The text follows.
 */
const Record = {
  bytes: 0,
  kind: 1,
  family: 2,
  slot: 3,
  text: 4,
  madeAt: 6,
} as const;
const RECORD_BYTES = 32;

const FAMILY = 1;
const SERIES = 2;

/** Doubles of a cache line: a slot has whole ones for itself. */
const LINE = 8;

/** A record as it was written. */
export type StoreRecord =
  | {
    readonly kind: "family";
    /** Its definition, as `Definition` has it in JSON. */
    readonly text: string;
    readonly madeAt: number;
  }
  | {
    readonly kind: "series";
    /** The family's number in this store. */
    readonly family: number;
    /** Where its numbers are, in doubles. */
    readonly slot: number;
    /** The labels in their canonical form. */
    readonly text: string;
  };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Series in a memory that one isolate writes and all others read: records that
 * are only ever added, and behind them, from the end down, a slot of numbers a
 * series. A reader sees a record once it is whole, and waits for nobody.
 */
export class Store {
  readonly memory: Memory;
  readonly doubles: Float64Array<SharedArrayBuffer>;
  readonly #words: Int32Array<SharedArrayBuffer>;

  constructor(memory: Memory) {
    this.memory = memory;
    this.doubles = memory.doubles;
    this.#words = memory.words;
  }

  /** For the owner: what is in it stays, when it is of this version. */
  static own(memory: Memory): Store {
    const store = new Store(memory);
    const words = store.#words;
    if (store.isReadable) {
      // The last owner may have been ended in the middle of a turn.
      if ((Atomics.load(words, Head.turning) & 1) !== 0) store.endTurn();
      return store;
    }
    words[Head.version] = LAYOUT_VERSION;
    words[Head.end] = HEAD_BYTES;
    words[Head.slots] = memory.doubles.length & -LINE;
    Atomics.store(words, Head.magic, MAGIC);
    return store;
  }

  /** A store that no other isolate sees. */
  static local(bytes: number): Store {
    const buffer = new SharedArrayBuffer(bytes);
    return Store.own({
      bytes: new Uint8Array(buffer),
      words: new Int32Array(buffer),
      doubles: new Float64Array(buffer),
    });
  }

  /** Whether it is one that this version understands. */
  get isReadable(): boolean {
    return Atomics.load(this.#words, Head.magic) === MAGIC &&
      this.#words[Head.version] === LAYOUT_VERSION;
  }

  /** Records that can be read. */
  get records(): number {
    return Atomics.load(this.#words, Head.records);
  }

  /** Seconds of a window; 0 when it was not said. */
  get window(): number {
    return this.doubles[Head.window >> 1]!;
  }

  set window(seconds: number) {
    this.doubles[Head.window >> 1] = seconds;
  }

  /** Even while the owner turns no window; another one when it has. */
  get turning(): number {
    return Atomics.load(this.#words, Head.turning);
  }

  /** The owner begins to turn a window: readers come again. */
  beginTurn(): void {
    Atomics.add(this.#words, Head.turning, 1);
  }

  /** The owner has turned a window. */
  endTurn(): void {
    Atomics.add(this.#words, Head.turning, 1);
  }

  /** Adds a family; gives its number, or -1 when there is no room. */
  addFamily(definition: string, now: number): number {
    const number = this.records;
    const text = encoder.encode(definition);
    return this.#add(FAMILY, 0, 0, text, now) ? number : -1;
  }

  /** Adds a series of some numbers; gives its slot, or -1 without room. */
  addSeries(family: number, labels: string, numbers: number): number {
    const slot = this.#words[Head.slots]! - Math.ceil(numbers / LINE) * LINE;
    const text = encoder.encode(labels);
    return this.#add(SERIES, family, slot, text, 0) ? slot : -1;
  }

  #add(
    kind: number,
    family: number,
    slot: number,
    text: Uint8Array,
    now: number,
  ): boolean {
    const words = this.#words;
    const at = words[Head.end]!;
    const bytes = RECORD_BYTES + Math.ceil(text.length / 8) * 8;
    const slots = kind === SERIES ? slot : words[Head.slots]!;
    if (at + bytes > slots * 8) return false;
    const word = at >> 2;
    words[word + Record.bytes] = bytes;
    words[word + Record.kind] = kind;
    words[word + Record.family] = family;
    words[word + Record.slot] = slot;
    words[word + Record.text] = text.length;
    this.doubles[word + Record.madeAt >> 1] = now;
    this.memory.bytes.set(text, at + RECORD_BYTES);
    words[Head.end] = at + bytes;
    words[Head.slots] = slots;
    Atomics.store(words, Head.records, this.records + 1);
    return true;
  }

  /** Where the first record begins. */
  static readonly first: number = HEAD_BYTES;

  /**
   * The record that begins at a place, and where the next one does.
   *
   * @param at Of one that `records` counts.
   */
  recordAt(at: number): [record: StoreRecord, next: number] {
    const words = this.#words;
    const word = at >> 2;
    const start = at + RECORD_BYTES;
    const bytes = this.memory.bytes.slice(
      start,
      start + words[word + Record.text]!,
    );
    const text = decoder.decode(bytes);
    const record: StoreRecord = words[word + Record.kind] === FAMILY
      ? {
        kind: "family",
        text,
        madeAt: this.doubles[word + Record.madeAt >> 1]!,
      }
      : {
        kind: "series",
        text,
        family: words[word + Record.family]!,
        slot: words[word + Record.slot]!,
      };
    return [record, at + words[word + Record.bytes]!];
  }
}
