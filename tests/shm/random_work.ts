import { assert, assertEquals } from "@std/assert";
import type { DictResult } from "@oresty/shm";
import { SharedDict } from "@oresty/shm";

/** What an isolate did. */
export interface WorkDone {
  readonly operations: number;
  readonly hits: number;
  /** What it added to each of the shared counters. */
  readonly added: readonly number[];
  /** Elements that it pushed to the shared list less those it took. */
  readonly elements: number;
}

/** Counters that all isolates add to. */
export const COUNTERS = 8;

/** Elements of the shared list, or a few more. */
const LONGEST_LIST = 500;

/** A value that says whose it is: all of its text comes from its number. */
function textOf(isolate: number, n: number): string {
  const part = `${isolate}:${n};`;
  return part.repeat(1 + n % 200);
}

/**
 * Does random operations on keys of its own and compares them with a model: an
 * entry may have been forgotten, but is never another's, torn or old. Shared
 * counters and a shared list are checked by sums.
 */
export async function randomWork(
  name: string,
  isolate: number,
  seconds: number,
): Promise<WorkDone> {
  using dict = await SharedDict.open(name);
  const model: Map<string, unknown> = new Map();
  const added = new Array<number>(COUNTERS).fill(0);
  let [operations, hits, elements] = [0, 0, 0];
  let state = isolate * 7919 + 1;
  const random = (n: number) => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0;
    return (state >>> 5) % n;
  };
  const wrote = (key: string, value: unknown, { ok }: DictResult) => {
    if (ok) model.set(key, value);
  };
  const check = (key: string, found: unknown) => {
    if (found === undefined) return;
    hits++;
    assertEquals(found, model.get(key), `isolate ${isolate}, key ${key}`);
  };
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    for (let i = 0; i < 500; i++) {
      operations++;
      const key = `${isolate} ${"k".repeat(random(90))}${random(60)}`;
      const n = random(1 << 20);
      switch (random(12)) {
        case 0:
        case 1:
        case 2:
          wrote(key, textOf(isolate, n), dict.set(key, textOf(isolate, n)));
          break;
        case 3:
          wrote(key, n, dict.set(key, n, 60));
          break;
        case 4: {
          const value = { isolate, n };
          const result = dict.add(key, value);
          if (result.ok) model.set(key, value);
          else assert(model.has(key), `${key} exists, and was never written`);
          break;
        }
        case 5: {
          dict.delete(key);
          model.delete(key);
          assertEquals(dict.get(key), undefined);
          break;
        }
        case 6: {
          const old = model.get(key);
          const { ok, value } = dict.incr(key, 3);
          if (!ok) break;
          assertEquals(value, Number(old) + 3);
          model.set(key, value);
          break;
        }
        case 7: {
          const counter = random(COUNTERS);
          const { ok } = dict.incr(`counter ${counter}`, 1);
          if (ok) added[counter]!++;
          break;
        }
        case 8:
          // A list is in one shard: left to chance it fills that in a minute.
          if (random(2) === 0 && (dict.llen("list") ?? 0) < LONGEST_LIST) {
            const { ok } = dict.rpush("list", textOf(isolate, n));
            if (ok) elements++;
          } else {
            const taken = dict.lpop("list");
            if (taken === undefined) break;
            elements--;
            const [, owner, number] = /^(\d+):(\d+);/.exec(taken as string)!;
            assertEquals(taken, textOf(Number(owner), Number(number)));
          }
          break;
        case 9: {
          const other = dict.get(`${random(4)} ${random(60)}`);
          if (typeof other !== "string") break;
          const [, owner, number] = /^(\d+):(\d+);/.exec(other)!;
          assertEquals(other, textOf(Number(owner), Number(number)));
          break;
        }
        default:
          check(key, dict.get(key));
      }
    }
  }
  return { operations, hits, added, elements };
}
