import { checkOptions, parseSize, type Size } from "@oresty/core";
import { checkName } from "./_arguments.ts";
import {
  ask,
  dropSegments,
  holdSegments,
  type KnownSegments,
  meet,
  share,
} from "./_known_segments.ts";
import { Segment, type SegmentState } from "./_segment.ts";

/** How a group is joined. */
export interface SegmentGroupOptions {
  /**
   * Bytes of a segment; pages are taken as they are used.
   *
   * @default {"1m"}
   */
  size?: Size;
}

const LEAST_BYTES = 64;
const MOST_BYTES = 1_073_741_824;
/** Stands in a word beside two bits. */
const MOST_ISOLATE = 2 ** 29 - 1;
const BEAT_EVERY = 1000;
/** Messages get lost: what is there is asked for some times, in milliseconds. */
const ASK_AGAIN = [50, 200, 1000] as const;

let isolate = 0;

/**
 * A number of this isolate, by which a pool can say of its segments that it is
 * gone: a worker tells its own to the pool while it lives.
 *
 * @example
 * ```ts
 * import { isolateNumber } from "@oresty/shm";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isolateNumber(), isolateNumber());
 * ```
 */
export function isolateNumber(): number {
  while (isolate === 0) {
    isolate = crypto.getRandomValues(new Uint32Array(1))[0]! >>> 3;
  }
  return isolate;
}

/**
 * The segments of all isolates that joined under a name: each writes its own
 * and reads all. Those of isolates that are gone are kept, and the next isolate
 * goes on with one that was released: there are as many as ever were isolates
 * at once. Isolates find each other by asking; nothing else is sent.
 *
 * @example
 * ```ts
 * import { SegmentGroup } from "@oresty/shm";
 * import { assertEquals } from "@std/assert";
 *
 * using group = await SegmentGroup.join("example", { size: "64k" });
 * group.own.doubles[0]! += 1;
 * let sum = 0;
 * for (const { doubles } of group.segments) sum += doubles[0]!;
 * assertEquals(sum, 1);
 * ```
 */
export class SegmentGroup implements Disposable {
  /** What it is called. */
  readonly name: string;
  readonly #known: KnownSegments;
  readonly #bytes: number;
  readonly #owned: Segment[] = [];
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  #isClosed = false;

  private constructor(name: string, known: KnownSegments, bytes: number) {
    this.name = name;
    this.#known = known;
    this.#bytes = bytes;
  }

  /**
   * Joins a group: takes a segment that was released, or makes one. Needs no
   * permission, and keeps no process alive.
   *
   * @param name 1 to 255 characters, none of them control characters.
   * @throws {TypeError} On an unknown option or one of a wrong kind.
   * @throws {RangeError} On a size out of range.
   */
  static async join(
    name: string,
    options: SegmentGroupOptions = {},
  ): Promise<SegmentGroup> {
    checkName("segment group", name);
    checkOptions("SegmentGroup.join", options, ["size"]);
    const bytes = parseSize(
      options.size ?? "1m",
      `option "size" of segment group "${name}"`,
    );
    if (bytes < LEAST_BYTES || bytes > MOST_BYTES) {
      throw new RangeError(
        `Cannot join segment group "${name}" with ${bytes} bytes: ` +
          `expected ${LEAST_BYTES} to ${MOST_BYTES}`,
      );
    }
    const user = {};
    const known = await holdSegments(name, user);
    const group = new SegmentGroup(name, known, bytes);
    group.#leave = () => dropSegments(name, user);
    try {
      await meet(name);
    } catch (error) {
      group.#leave();
      throw error;
    }
    group.extend();
    group.#start();
    return group;
  }

  #leave: () => void = () => {};

  #start(): void {
    const beat = setInterval(() => {
      for (const segment of this.#owned) segment.beat();
    }, BEAT_EVERY);
    this.#timers.push(
      beat,
      ...ASK_AGAIN.map((wait) => setTimeout(() => ask(this.name), wait)),
    );
    for (const timer of this.#timers) Deno.unrefTimer(timer);
  }

  /** The segment that this isolate writes, the first when it has more. */
  get own(): Segment {
    return this.#owned[0]!;
  }

  /** All segments that this isolate writes. */
  get owned(): readonly Segment[] {
    return this.#owned;
  }

  /**
   * All segments of the group that are known by now, own ones among them. The
   * list is another one when there are more.
   */
  get segments(): readonly Segment[] {
    return this.#known.list;
  }

  /**
   * Takes one more segment to write, as when the others are full.
   *
   * @returns One that was released, as it is, or an empty one.
   * @throws {TypeError} When the group was closed.
   */
  extend(): Segment {
    if (this.#isClosed) {
      throw new TypeError(
        `Cannot extend segment group "${this.name}": it is closed`,
      );
    }
    const owner = isolateNumber();
    let segment = this.segments.find((other) =>
      other.bytes.length >= this.#bytes && other.adopt(owner)
    );
    if (segment === undefined) {
      segment = Segment.create(this.#bytes, owner);
      this.#known.add(segment);
      share(this.name, [segment.buffer]);
    }
    this.#owned.push(segment);
    return segment;
  }

  /**
   * Says that an isolate has ended: another may go on with its segments. Only
   * who has seen its end may say so, as by the `exit` event of a node Worker;
   * after a mere `terminate()` of a Web Worker its code may still run.
   *
   * @param isolate Its `isolateNumber()`.
   * @returns How many segments there were.
   * @throws {RangeError} When it is no such number.
   */
  release(isolate: number): number {
    return this.#giveUp(isolate, false);
  }

  /**
   * Says that an isolate has most likely ended: its segments are read for ever,
   * and nobody goes on with them.
   *
   * @param isolate Its `isolateNumber()`.
   * @returns How many segments there were.
   * @throws {RangeError} When it is no such number.
   */
  retire(isolate: number): number {
    return this.#giveUp(isolate, true);
  }

  #giveUp(isolate: number, isForEver: boolean): number {
    // A greater one would be cut to another's.
    if (!Number.isInteger(isolate) || isolate < 1 || isolate > MOST_ISOLATE) {
      throw new RangeError(
        `Cannot give up segments of isolate "${String(isolate)}": ` +
          `expected what its isolateNumber() gave`,
      );
    }
    return this.segments.filter((segment) => segment.giveUp(isolate, isForEver))
      .length;
  }

  /** Releases the own segments and leaves; others keep what is in them. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const owner = isolateNumber();
    for (const segment of this.#owned) segment.giveUp(owner, false);
    this.#leave();
  }

  /** As `close`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

export type { Segment, SegmentState };
