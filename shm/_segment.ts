/** "ORSG" as a word. */
const MAGIC = 0x4f525347;
const LAYOUT_VERSION = 1;

/** Words of a segment's header; the picture is in LAYOUT.md. */
const Head = {
  magic: 0,
  version: 1,
  /** Owner << 2 | state, so that both change at once. */
  owner: 2,
  reuses: 3,
  /** Milliseconds since 1970, as doubles. */
  heartbeat: 4,
  createdAt: 6,
  /** 64 random bits. */
  id: 8,
} as const;
const HEAD_BYTES = 64;

/** Whether somebody writes to a segment. */
export type SegmentState = "live" | "released" | "retired";

const LIVE = 1;
const RELEASED = 2;
const RETIRED = 3;
const STATES: readonly SegmentState[] = ["live", "released", "retired"];

/**
 * Memory that one isolate writes and all others read. What it holds stays when
 * the isolate is gone.
 */
export class Segment {
  /** The memory with its header, as it is handed to others. */
  readonly buffer: SharedArrayBuffer;
  /** Names it in all isolates. */
  readonly id: string;
  /** The part that is for the owner, as bytes. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  /** The same as words. */
  readonly words: Int32Array<SharedArrayBuffer>;
  /** The same as doubles. */
  readonly doubles: Float64Array<SharedArrayBuffer>;
  readonly #head: Int32Array<SharedArrayBuffer>;
  readonly #times: Float64Array<SharedArrayBuffer>;

  /** Attaches to a segment's memory; `SegmentGroup` does. */
  constructor(buffer: SharedArrayBuffer) {
    if (!isSegment(buffer)) {
      throw new TypeError("Cannot attach to a memory: it is no segment");
    }
    const head = new Int32Array(buffer, 0, HEAD_BYTES / 4);
    this.buffer = buffer;
    this.bytes = new Uint8Array(buffer, HEAD_BYTES);
    this.words = new Int32Array(buffer, HEAD_BYTES);
    this.doubles = new Float64Array(buffer, HEAD_BYTES);
    this.#head = head;
    this.#times = new Float64Array(buffer, 0, HEAD_BYTES / 8);
    this.id = [head[Head.id]!, head[Head.id + 1]!]
      .map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  /** Makes a segment with so many bytes for its owner. */
  static create(bytes: number, owner: number): Segment {
    const size = HEAD_BYTES + Math.ceil(bytes / 8) * 8;
    const buffer = new SharedArrayBuffer(size);
    const head = new Int32Array(buffer, 0, HEAD_BYTES / 4);
    crypto.getRandomValues(new Int32Array(2)).forEach((word, i) => {
      head[Head.id + i] = word;
    });
    head[Head.version] = LAYOUT_VERSION;
    head[Head.owner] = owner << 2 | LIVE;
    head[Head.magic] = MAGIC;
    const segment = new Segment(buffer);
    segment.#times[Head.createdAt / 2] = Date.now();
    segment.beat();
    return segment;
  }

  /**
   * `live`: its owner writes, or has died without a word. `released`: nobody
   * writes, and the next isolate that joins goes on with it. `retired`: nobody
   * ever writes to it again; it is only read.
   */
  get state(): SegmentState {
    return STATES[(Atomics.load(this.#head, Head.owner) & 3) - 1]!;
  }

  /** The number of the isolate that owns it, or did last. */
  get owner(): number {
    return Atomics.load(this.#head, Head.owner) >>> 2;
  }

  /** How often another isolate has gone on with it. */
  get reuses(): number {
    return Atomics.load(this.#head, Head.reuses);
  }

  /** When it was made, in milliseconds since 1970. */
  get createdAt(): number {
    return this.#times[Head.createdAt / 2]!;
  }

  /** When its owner last had time for it, in milliseconds since 1970. */
  get heartbeat(): number {
    return this.#times[Head.heartbeat / 2]!;
  }

  /** @internal The owner is there. */
  beat(): void {
    this.#times[Head.heartbeat / 2] = Date.now();
  }

  /** @internal Takes it, if it is released. */
  adopt(owner: number): boolean {
    const word = Atomics.load(this.#head, Head.owner);
    if ((word & 3) !== RELEASED) return false;
    const mine = owner << 2 | LIVE;
    if (
      Atomics.compareExchange(this.#head, Head.owner, word, mine) !== word
    ) return false;
    Atomics.add(this.#head, Head.reuses, 1);
    this.beat();
    return true;
  }

  /** @internal Gives it up, if it is this owner's. */
  giveUp(owner: number, isForEver: boolean): boolean {
    const live = owner << 2 | LIVE;
    const given = owner << 2 | (isForEver ? RETIRED : RELEASED);
    return Atomics.compareExchange(this.#head, Head.owner, live, given) ===
      live;
  }
}

/** Whether a memory is one of a segment that this version understands. */
export function isSegment(buffer: unknown): buffer is SharedArrayBuffer {
  if (
    !(buffer instanceof SharedArrayBuffer) || buffer.byteLength < HEAD_BYTES
  ) return false;
  const head = new Int32Array(buffer, 0, HEAD_BYTES / 4);
  return head[Head.magic] === MAGIC && head[Head.version] === LAYOUT_VERSION;
}
