import {
  type BusListener,
  type BusMessage,
  hasHeardOthers,
  joinBus,
  leaveBus,
  tell,
} from "./_bus.ts";
import { elect } from "./_election.ts";
import { Header } from "./_layout.ts";
import { isDictionary, Memory } from "./_memory.ts";
import { DEFAULT_SIZE, type Wanted } from "./_open.ts";

/** Takes the memory that another isolate made first. */
export type Replaced = (buffer: SharedArrayBuffer) => void;

/** A memory that was found or made. */
export interface Joined {
  readonly buffer: SharedArrayBuffer;
  /** Gives it up. */
  readonly leave: () => void;
}

type Named = readonly [name: string, buffer: SharedArrayBuffer];

type Message =
  | { readonly kind: "dictionary?"; readonly name: string }
  | { readonly kind: "all dictionaries?" }
  | { readonly kind: "dictionaries"; readonly memories: readonly Named[] };

interface Held {
  buffer: SharedArrayBuffer;
  /** Those who use it here. */
  readonly users: Set<Replaced>;
}

/**
 * How long an isolate may take to answer, in milliseconds; and when it seems
 * that there is none.
 */
const WAIT = 250;
const WAIT_ALONE = 20;
const ASK_EVERY = 10;

const held: Map<string, Held> = new Map();
const waiting: Map<string, () => void> = new Map();
const opening: Map<string, Promise<void>> = new Map();
const keepers: Set<Replaced> = new Set();

const listener: BusListener = {
  hear: (message) => hear(message as Message),
  tell: () => announce([...held.keys()]),
};

/**
 * Finds the memory of a dictionary in this process, or makes it.
 *
 * A Web Lock on the name lets one isolate look at a time; it asks all others
 * over the bus, and makes a memory when none answers. An isolate that was busy
 * for so long tells of its own when it can: the older memory stays.
 */
export async function joinDictionary(
  name: string,
  wanted: Wanted,
  replaced: Replaced,
): Promise<Joined> {
  await joinBus(listener);
  try {
    // One look at a time here too: the second finds what the first has.
    while (!held.has(name)) {
      const look = opening.get(name) ?? find(name, wanted);
      opening.set(name, look);
      try {
        await look;
      } finally {
        if (opening.get(name) === look) opening.delete(name);
      }
    }
  } catch (error) {
    leaveBus(listener);
    throw error;
  }
  const { buffer, users } = held.get(name)!;
  warnOfSize(name, buffer, wanted);
  users.add(replaced);
  return { buffer, leave: () => leave(name, replaced) };
}

/** All memories of dictionaries that this isolate holds. */
export function heldDictionaries(): Named[] {
  return [...held].map(([name, { buffer }]) => [name, buffer]);
}

/** Holds a memory that another isolate handed over; gives how to leave it. */
export async function holdDictionary(
  name: string,
  buffer: SharedArrayBuffer,
): Promise<() => void> {
  await joinBus(listener);
  const user = () => {};
  offer(name, buffer, user);
  announce([name]);
  return () => leave(name, user);
}

/** Holds every memory that there is, now and later. */
export async function keepDictionaries(): Promise<() => void> {
  await joinBus(listener);
  const keeper = () => {};
  keepers.add(keeper);
  for (const { users } of held.values()) users.add(keeper);
  ask({ kind: "all dictionaries?" });
  return () => {
    if (!keepers.delete(keeper)) return;
    for (const name of [...held.keys()]) drop(name, keeper);
    leaveBus(listener);
  };
}

function leave(name: string, user: Replaced): void {
  if (drop(name, user)) leaveBus(listener);
}

/** @returns Whether it was held for this user. */
function drop(name: string, user: Replaced): boolean {
  const entry = held.get(name);
  if (entry === undefined || !entry.users.delete(user)) return false;
  if (entry.users.size === 0) held.delete(name);
  return true;
}

async function find(name: string, wanted: Wanted): Promise<void> {
  await elect(`oresty:shm:${name}`, async (isFirst) => {
    await answered(name, isFirst && !hasHeardOthers() ? WAIT_ALONE : WAIT);
    if (held.has(name)) return;
    const { size = DEFAULT_SIZE, shards } = wanted;
    if (wanted.size === undefined) {
      warn(
        `dictionary "${name}" was opened without a size, and has 16 MiB now`,
      );
    }
    held.set(name, {
      buffer: Memory.create(size, shards),
      users: new Set(keepers),
    });
    announce([name]);
  });
}

/** Asks for a memory until it is here, or for so many milliseconds. */
function answered(name: string, wait: number): Promise<void> {
  return new Promise((resolve) => {
    if (held.has(name)) return resolve();
    const look = () => ask({ kind: "dictionary?", name });
    const again = setInterval(look, ASK_EVERY);
    const end = () => {
      clearInterval(again);
      clearTimeout(late);
      waiting.delete(name);
      resolve();
    };
    const late = setTimeout(end, wait);
    waiting.set(name, end);
    look();
  });
}

function ask(message: Message): void {
  tell(message satisfies BusMessage);
}

/** Tells of memories that are held here. */
function announce(names: readonly string[]): void {
  const memories = names.flatMap((name): Named[] => {
    const entry = held.get(name);
    return entry === undefined ? [] : [[name, entry.buffer]];
  });
  if (memories.length > 0) ask({ kind: "dictionaries", memories });
}

function hear(message: Message): void {
  switch (message.kind) {
    case "dictionary?":
      return announce([message.name]);
    case "all dictionaries?":
      return announce([...held.keys()]);
    case "dictionaries":
      for (const [name, buffer] of message.memories) offer(name, buffer);
  }
}

/**
 * Hears of a memory: the oldest of a name is the one.
 *
 * @param user Holds it, whatever is known of it here.
 */
function offer(
  name: string,
  buffer: SharedArrayBuffer,
  user?: Replaced,
): void {
  if (!isDictionary(buffer)) return;
  const entry = held.get(name);
  const end = waiting.get(name);
  if (entry === undefined) {
    const users = new Set(keepers);
    if (user !== undefined) users.add(user);
    if (users.size > 0 || end !== undefined) held.set(name, { buffer, users });
  } else {
    if (user !== undefined) entry.users.add(user);
    const order = compare(buffer, entry.buffer);
    if (order < 0) {
      entry.buffer = buffer;
      for (const replaced of [...entry.users]) replaced(buffer);
    } else if (order > 0) announce([name]);
  }
  end?.();
}

/** By age, then by id: all isolates come to the same. */
function compare(a: SharedArrayBuffer, b: SharedArrayBuffer): number {
  const [age, other] = [ageOf(a), ageOf(b)];
  if (age !== other) return age - other;
  const [x, y] = [new Int32Array(a), new Int32Array(b)];
  return x[Header.id]! - y[Header.id]! || x[Header.id + 1]! - y[Header.id + 1]!;
}

function ageOf(buffer: SharedArrayBuffer): number {
  return new Float64Array(buffer, Header.createdAt * 4, 1)[0]!;
}

function warnOfSize(
  name: string,
  { byteLength }: SharedArrayBuffer,
  { size }: Wanted,
): void {
  if (size === undefined || Math.abs(byteLength - size) <= 128) return;
  warn(
    `dictionary "${name}" has ${byteLength} bytes already, and not the ` +
      `${size} that were asked for`,
  );
}

function warn(text: string): void {
  // deno-lint-ignore no-console -- there is no logger this far down
  console.warn(`oresty: ${text}`);
}
