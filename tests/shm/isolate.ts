/** What a worker of the tests does when it is told. */
import { workerParent } from "@oresty/core";
import {
  adoptMemories,
  isolateNumber,
  keepMemories,
  type Leader,
  leader,
  type MemoryHold,
  type NamedMemory,
  SegmentGroup,
  SharedDict,
  type SharedDictOptions,
} from "@oresty/shm";
import { acquire, release } from "../../shm/_lock.ts";
import { Store } from "../../shm/_store.ts";
import { randomWork, type WorkDone } from "./random_work.ts";
import { type Answer, follow, type Order } from "../orders.ts";

const dicts: Map<string, SharedDict> = new Map();
const groups: Map<string, SegmentGroup> = new Map();
const holds: MemoryHold[] = [];
let candidate: Leader | undefined;
const changes: [boolean, number][] = [];

function dictOf(name: string): SharedDict {
  return dicts.get(name)!;
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Goes into the critical section of a key's shard. */
function enter(name: string, key: string): () => void {
  const store = Store.of(dictOf(name).buffer);
  store.seek(key);
  const { base } = store.entries;
  acquire(store.memory, base);
  return () => release(store.memory, base);
}

export const commands = {
  open: async (name: string, options?: SharedDictOptions): Promise<string> => {
    const dict = await SharedDict.open(name, options);
    dicts.set(name, dict);
    return `${Store.of(dict.buffer).memory.seed}`;
  },
  seed: (name: string): string =>
    `${Store.of(dictOf(name).buffer).memory.seed}`,
  call: (name: string, method: string, ...args: unknown[]): unknown =>
    (dictOf(name)[method as "set"] as (...args: unknown[]) => unknown)(...args),
  repeat: (
    times: number,
    name: string,
    method: string,
    ...args: unknown[]
  ): void => {
    for (let i = 0; i < times; i++) commands.call(name, method, ...args);
  },
  close: (name: string): void => dictOf(name).close(),
  adopt: async (memories: NamedMemory[]): Promise<void> => {
    holds.push(await adoptMemories(memories));
  },
  keep: async (): Promise<void> => {
    holds.push(await keepMemories());
  },
  block: (ms: number): void => block(ms),
  hold: (name: string, key: string, ms: number): void => {
    const leave = enter(name, key);
    block(ms);
    leave();
  },
  /**
   * Dies in the middle of a write, for want of memory. The runtime does not end
   * every thread that is over its limit: what it takes is bounded, and one that
   * lives on never gives the lock back.
   */
  die: (name: string, key: string): void => {
    setTimeout(() => {
      const { entries } = Store.of(dictOf(name).buffer);
      enter(name, key);
      // What a write leaves that was cut: places that lead nowhere.
      entries.words.fill(0x7fffffff, entries.base + 40, entries.base + 400);
      const all: unknown[] = [];
      while (all.length < 30_000) all.push(new Array(1000).fill(all.length));
      while (all.length > 0) block(50);
    }, 0);
  },
  work: (name: string, isolate: number, seconds: number): Promise<WorkDone> =>
    randomWork(name, isolate, seconds),
  join: async (name: string, size?: string): Promise<string> => {
    const group = await SegmentGroup.join(name, size ? { size } : {});
    groups.set(name, group);
    return group.own.id;
  },
  isolate: (): number => isolateNumber(),
  count: (name: string, by: number): void => {
    groups.get(name)!.own.doubles[0]! += by;
  },
  sum: (name: string): [sum: number, segments: number] => {
    const { segments } = groups.get(name)!;
    let sum = 0;
    for (const { doubles } of segments) sum += doubles[0]!;
    return [sum, segments.length];
  },
  leaveGroup: (name: string): void => groups.get(name)!.close(),
  lead: async (name: string, ttl: number): Promise<boolean> => {
    candidate = await leader(name, { ttl });
    candidate.onChange((isLeader) => changes.push([isLeader, Date.now()]));
    return candidate.isLeader;
  },
  isLeader: (): boolean => candidate!.isLeader,
  blockAsLeader: (ms: number): boolean => {
    block(ms);
    return candidate!.isLeader;
  },
  changes: (): [boolean, number][] => changes,
  resign: (): void => candidate!.close(),
};

const parent = await workerParent();
if (parent !== undefined) {
  parent.listen(async (order) =>
    parent.post(await follow(commands, order as Order))
  );
  parent.post({ id: 0 } satisfies Answer);
} else {
  const web = globalThis as unknown as {
    onmessage: (event: MessageEvent<Order>) => void;
    postMessage(answer: Answer): void;
  };
  web.onmessage = async ({ data }) =>
    web.postMessage(await follow(commands, data));
  web.postMessage({ id: 0 });
}
