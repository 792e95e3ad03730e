import { SegmentGroup } from "@oresty/shm";
import { addGroup } from "./_groups.ts";
import { mergeProm, type PromMetric, type PromPart } from "./_prom_merge.ts";

const GROUP = "oresty:stat:prom:1";
const SIZE = 4 * 1024 * 1024;

/** "ORPC" as a word. */
const MAGIC = 0x4f525043;

/**
 * Words of a segment: after them two halves of the rest, of which the last
 * version is in that of its parity: a byte count, and JSON.
 */
const Head = { magic: 0, version: 1, first: 2 } as const;
const HEAD_BYTES = 64;

/** An isolate without a sign of life has no gauges any more, milliseconds. */
const LIFE = 60_000;
/** A snapshot is written while it is read: it is read again. */
const MOST_TRIES = 10;

type Memory = Pick<SegmentGroup["own"], "words" | "bytes">;

interface Cached {
  readonly version: number;
  readonly metrics: readonly PromMetric[];
}

/**
 * What each isolate has of prom-client's metrics, cumulative, in shared memory:
 * the last version stays when the isolate is gone, and the next isolate adds to
 * it.
 */
export class PromSnapshots implements Disposable {
  readonly #group: SegmentGroup;
  readonly #cache: Map<Memory, Cached> = new Map();
  #base: readonly PromMetric[] = [];
  #unwritten: readonly PromMetric[] | undefined;
  #hasWarned = false;
  #isClosed = false;
  readonly #forget: () => void;

  private constructor(group: SegmentGroup) {
    this.#group = group;
    this.#forget = addGroup(group);
    const { own } = group;
    if (Atomics.load(own.words, Head.magic) === MAGIC) {
      // Its gauges were of an isolate that is gone.
      this.#base = readOf(own, this.#cache)
        .filter(({ type }) => type !== "gauge");
      writeTo(own, this.#base);
    } else Atomics.store(own.words, Head.magic, MAGIC);
  }

  /** Finds the others, and begins to keep what this isolate publishes. */
  static async join(): Promise<PromSnapshots> {
    return new PromSnapshots(await SegmentGroup.join(GROUP, { size: SIZE }));
  }

  /** Keeps what this isolate has. */
  publish(metrics: readonly PromMetric[]): void {
    if (this.#isClosed) return; // the memory may be another isolate's by now
    const all = mergeProm([
      { metrics, isAlive: true },
      { metrics: this.#base, isAlive: true },
    ]);
    const isWritten = writeTo(this.#group.own, all);
    // What others cannot be shown is shown here.
    this.#unwritten = isWritten ? undefined : all;
    if (isWritten || this.#hasWarned) return;
    this.#hasWarned = true;
    // deno-lint-ignore no-console -- there is no logger this far down
    console.warn(
      `oresty: the metrics of prom-client are over ${SIZE / 2} bytes: other ` +
        `isolates see older ones`,
    );
  }

  /** What all have; of this isolate as it was published last. */
  read(): PromPart[] {
    const now = Date.now();
    return this.#group.segments.map((segment) => ({
      metrics: segment === this.#group.own && this.#unwritten ||
        readOf(segment, this.#cache),
      isAlive: segment.state === "live" && now - segment.heartbeat < LIFE,
    }));
  }

  /** Forgets what isolates before this one have left. */
  flush(): void {
    this.#base = [];
  }

  /** Leaves; the others keep the last version. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#forget();
    this.#group.close();
  }
}

function halfOf({ bytes }: Memory, version: number): number {
  const half = (bytes.length - HEAD_BYTES) >> 1 & -8;
  return HEAD_BYTES + (version & 1) * half;
}

function writeTo(memory: Memory, metrics: readonly PromMetric[]): boolean {
  const { words, bytes } = memory;
  const text = new TextEncoder().encode(JSON.stringify(metrics.map(inWords)));
  const version = Atomics.load(words, Head.version) + 1;
  if (text.length > halfOf(memory, 1) - HEAD_BYTES) return false;
  bytes.set(text, halfOf(memory, version));
  words[Head.first + (version & 1)] = text.length;
  Atomics.store(words, Head.version, version);
  return true;
}

/** JSON has no NaN and no Infinity: as texts they stay what they are. */
function inWords(metric: PromMetric): object {
  if (metric.values.every(({ value }) => Number.isFinite(value))) return metric;
  const values = metric.values.map((one) => ({
    ...one,
    value: Number.isFinite(one.value) ? one.value : String(one.value),
  }));
  return { ...metric, values };
}

function inNumbers(metric: PromMetric): PromMetric {
  if (metric.values.every(({ value }) => typeof value === "number")) {
    return metric;
  }
  const values = metric.values.map((one) => ({
    ...one,
    value: Number(one.value),
  }));
  return { ...metric, values };
}

function readOf(
  memory: Memory,
  cache: Map<Memory, Cached>,
): readonly PromMetric[] {
  const { words, bytes } = memory;
  if (Atomics.load(words, Head.magic) !== MAGIC) return [];
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const version = Atomics.load(words, Head.version);
    if (version === 0) return [];
    const known = cache.get(memory);
    if (known?.version === version) return known.metrics;
    const start = halfOf(memory, version);
    const copy = bytes.slice(start, start + words[Head.first + (version & 1)]!);
    if (Atomics.load(words, Head.version) !== version) continue;
    const metrics: PromMetric[] = JSON.parse(new TextDecoder().decode(copy))
      .map(inNumbers);
    cache.set(memory, { version, metrics });
    return metrics;
  }
  return cache.get(memory)?.metrics ?? [];
}
