/** Under this name isolates find each other's errors. */
export const ERROR_GROUP = "oresty:stat:errors:1";
export const ERROR_GROUP_SIZE = 65_536;

/** An error that an isolate has kept. */
export interface KeptError {
  /** When it came last, in milliseconds since 1970. */
  readonly time: number;
  readonly kind: string;
  readonly message: string;
  /** How often it came. */
  readonly times: number;
}

/** What a segment offers. */
export interface ErrorMemory {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly doubles: Float64Array<SharedArrayBuffer>;
}

/** "ORER" as a word. */
const MAGIC = 0x4f524552;
const HEAD_BYTES = 64;

/** Words of an entry: odd while it is written, lengths, count; then the time. */
const Entry = { turn: 0, kind: 1, message: 2, times: 3, time: 4 } as const;
const ENTRY_HEAD = 24;
const ENTRY_BYTES = 1024;
const KIND_BYTES = 200;
const MESSAGE_BYTES = ENTRY_BYTES - ENTRY_HEAD - KIND_BYTES;
/** Entries of an isolate. */
const MOST = 50;
/** How often an entry is read again while its owner writes it. */
const MOST_TRIES = 100;

const encoder = new TextEncoder();

/** The last errors of this isolate, in memory that others read. */
export class ErrorRing {
  readonly #memory: ErrorMemory;
  /** What is in which entry, so that the same one is found again. */
  readonly #known: string[] = [];
  #next = 0;

  private constructor(memory: ErrorMemory) {
    this.#memory = memory;
  }

  /** Begins to write in a segment, which an isolate before may have used. */
  static own(memory: ErrorMemory): ErrorRing {
    const ring = new ErrorRing(memory);
    const kept = readEntries(memory);
    memory.words[0] = MAGIC;
    // The oldest of those that are there gives way first.
    let oldest = Infinity;
    for (let i = 0; i < MOST; i++) {
      const time = kept.get(i)?.time ?? 0;
      if (time < oldest) [oldest, ring.#next] = [time, i];
      // One that ended in the middle of its writing has left it odd.
      const turn = wordOf(i) + Entry.turn;
      if ((Atomics.load(memory.words, turn) & 1) === 1) {
        memory.words[wordOf(i) + Entry.times] = 0;
        Atomics.add(memory.words, turn, 1);
      }
    }
    return ring;
  }

  /** Keeps an error. */
  add(kind: string, message: string, time: number): void {
    const { words, doubles } = this.#memory;
    const name = kind.slice(0, KIND_BYTES);
    const text = message.slice(0, MESSAGE_BYTES);
    const key = `${name}\n${text}`;
    const known = this.#known.indexOf(key);
    const at = known === -1 ? this.#next : known;
    const word = wordOf(at);
    Atomics.add(words, word + Entry.turn, 1);
    if (known === -1) {
      this.#next = (at + 1) % MOST;
      this.#known[at] = key;
      words[word + Entry.kind] = this.#write(at, 0, KIND_BYTES, name);
      words[word + Entry.message] = this.#write(
        ...[at, KIND_BYTES, MESSAGE_BYTES, text] as const,
      );
      words[word + Entry.times] = 0;
    }
    words[word + Entry.times]!++;
    doubles[(word + Entry.time) / 2] = time;
    Atomics.add(words, word + Entry.turn, 1);
  }

  /** `encodeInto` cuts between characters. */
  #write(at: number, from: number, most: number, text: string): number {
    // Not straight into it: shared memory is refused by some versions.
    const bytes = new Uint8Array(most);
    const { written } = encoder.encodeInto(text.toWellFormed(), bytes);
    const start = wordOf(at) * 4 + ENTRY_HEAD + from;
    this.#memory.bytes.set(bytes.subarray(0, written), start);
    return written;
  }
}

/** Errors that are in a segment, in no order. */
export function readErrors(memory: ErrorMemory): KeptError[] {
  return [...readEntries(memory).values()];
}

function readEntries(memory: ErrorMemory): Map<number, KeptError> {
  const entries = new Map<number, KeptError>();
  if (Atomics.load(memory.words, 0) !== MAGIC) return entries;
  for (let i = 0; i < MOST; i++) {
    const entry = readEntry(memory, wordOf(i));
    if (entry !== undefined) entries.set(i, entry);
  }
  return entries;
}

function readEntry(
  { words, bytes, doubles }: ErrorMemory,
  word: number,
): KeptError | undefined {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const turn = Atomics.load(words, word + Entry.turn);
    if ((turn & 1) === 1) continue;
    const times = words[word + Entry.times]!;
    if (times === 0) return undefined;
    const time = doubles[(word + Entry.time) / 2]!;
    const start = word * 4 + ENTRY_HEAD;
    const copy = bytes.slice(start, start + ENTRY_BYTES - ENTRY_HEAD);
    const kind = Math.min(words[word + Entry.kind]!, KIND_BYTES);
    const message = Math.min(words[word + Entry.message]!, MESSAGE_BYTES);
    if (Atomics.load(words, word + Entry.turn) !== turn) continue;
    const decoder = new TextDecoder();
    return {
      time,
      times,
      kind: decoder.decode(copy.subarray(0, kind)),
      message: decoder.decode(
        copy.subarray(KIND_BYTES, KIND_BYTES + message),
      ),
    };
  }
  return undefined; // its owner has ended in the middle
}

function wordOf(entry: number): number {
  return (HEAD_BYTES + entry * ENTRY_BYTES) / 4;
}
