import {
  type BusListener,
  hasHeardOthers,
  joinBus,
  leaveBus,
  tell,
} from "./_bus.ts";
import { elect } from "./_election.ts";
import { isSegment, Segment } from "./_segment.ts";

type Message =
  /** Asks for what is not among these, which the asker knows. */
  | {
    readonly kind: "segments?";
    readonly group: string;
    readonly ids: readonly string[];
    /** Whether it waits for an answer, even when there is nothing to tell. */
    readonly isWaiting: boolean;
  }
  | { readonly kind: "all segments?" }
  | {
    readonly kind: "segments";
    readonly group: string;
    readonly buffers: readonly SharedArrayBuffer[];
  };

/** All segments of a group that are known here. */
export class KnownSegments {
  readonly byId: Map<string, Segment> = new Map();
  /** Those who hold them here. */
  readonly users: Set<object> = new Set();
  /** The same as a list, until the next one comes. */
  list: readonly Segment[] = [];

  /** @returns Whether it was not known. */
  add(segment: Segment): boolean {
    if (this.byId.has(segment.id)) return false;
    this.byId.set(segment.id, segment);
    this.list = [...this.byId.values()];
    return true;
  }
}

/** How long another isolate may take to answer, in milliseconds. */
const WAIT = 250;
const WAIT_ALONE = 20;
const ASK_EVERY = 10;

const groups: Map<string, KnownSegments> = new Map();
const waiting: Map<string, Set<() => void>> = new Map();
const keepers: Set<object> = new Set();

const listener: BusListener = {
  hear: (message) => hear(message as Message),
  tell: () => {
    for (const group of groups.keys()) ask(group);
  },
};

/** Holds the segments of a group, also those that come later. */
export async function holdSegments(
  group: string,
  user: object,
): Promise<KnownSegments> {
  await joinBus(listener);
  return known(group, user);
}

/** Adds a segment that another isolate handed over. */
export function addSegment(group: string, buffer: SharedArrayBuffer): void {
  groups.get(group)?.add(new Segment(buffer));
  share(group, [buffer]);
}

/** Does not need them any more. */
export function dropSegments(group: string, user: object): void {
  if (drop(group, user)) leaveBus(listener);
}

/** Holds all segments of all groups. */
export async function keepSegments(): Promise<() => void> {
  await joinBus(listener);
  const keeper = {};
  keepers.add(keeper);
  for (const { users } of groups.values()) users.add(keeper);
  post({ kind: "all segments?" });
  return () => {
    if (!keepers.delete(keeper)) return;
    for (const group of [...groups.keys()]) drop(group, keeper);
    leaveBus(listener);
  };
}

/** All segments that this isolate knows. */
export function heldSegments(): [group: string, buffer: SharedArrayBuffer][] {
  return [...groups].flatMap(([group, { list }]) =>
    list.map(({ buffer }): [string, SharedArrayBuffer] => [group, buffer])
  );
}

/**
 * Waits until another isolate has told what it knows of a group, or there seems
 * to be none; one isolate at a time.
 */
export function meet(group: string): Promise<void> {
  return elect(`oresty:shm-group:${group}`, async (isFirst) => {
    const isAlone = isFirst && !hasHeardOthers();
    await new Promise<void>((resolve) => {
      const again = setInterval(() => ask(group, true), ASK_EVERY);
      const end = () => {
        clearInterval(again);
        clearTimeout(late);
        waiting.get(group)?.delete(end);
        resolve();
      };
      const late = setTimeout(end, isAlone ? WAIT_ALONE : WAIT);
      const ends = waiting.get(group) ?? new Set();
      waiting.set(group, ends.add(end));
      ask(group, true);
    });
  });
}

/** Asks the others for what is not known here. */
export function ask(group: string, isWaiting = false): void {
  const ids = [...groups.get(group)?.byId.keys() ?? []];
  post({ kind: "segments?", group, ids, isWaiting });
}

/** Tells the others of segments. */
export function share(
  group: string,
  buffers: readonly SharedArrayBuffer[],
): void {
  post({ kind: "segments", group, buffers });
}

function post(message: Message): void {
  tell(message);
}

function known(group: string, ...users: object[]): KnownSegments {
  const entry = groups.get(group) ?? new KnownSegments();
  groups.set(group, entry);
  for (const user of [...users, ...keepers]) entry.users.add(user);
  return entry;
}

function drop(group: string, user: object): boolean {
  const entry = groups.get(group);
  if (entry === undefined || !entry.users.delete(user)) return false;
  if (entry.users.size === 0) groups.delete(group);
  return true;
}

function hear(message: Message): void {
  switch (message.kind) {
    case "segments?":
      return answer(message.group, new Set(message.ids), message.isWaiting);
    case "all segments?":
      for (const [group, { list }] of groups) {
        share(group, list.map(({ buffer }) => buffer));
      }
      return;
    case "segments":
      return learn(message.group, message.buffers);
  }
}

function answer(
  group: string,
  ids: ReadonlySet<string>,
  isWaiting: boolean,
): void {
  const entry = groups.get(group);
  if (entry === undefined) {
    if (keepers.size > 0) ask(group);
    return;
  }
  const lacking = entry.list.filter(({ id }) => !ids.has(id));
  if (isWaiting || lacking.length > 0) {
    share(group, lacking.map(({ buffer }) => buffer));
  }
  if ([...ids].some((id) => !entry.byId.has(id))) ask(group);
}

function learn(group: string, buffers: readonly SharedArrayBuffer[]): void {
  const entry = groups.get(group) ??
    (keepers.size > 0 ? known(group) : undefined);
  if (entry === undefined) return;
  for (const buffer of buffers) {
    if (isSegment(buffer)) entry.add(new Segment(buffer));
  }
  for (const end of [...waiting.get(group) ?? []]) end();
}
