import {
  type CacheEvent,
  type CacheOptions,
  open,
  type TLCache,
} from "@oresty/cache";
import { SharedDict } from "@oresty/shm";

let count = 0;

/** A name that no other test has. */
export function freshName(): string {
  return `cache_test_${Deno.pid}_${++count}_${Math.random()}`;
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A cache with a memory of its own: to others it is another host. */
export class Host implements AsyncDisposable {
  readonly cache: TLCache;
  readonly dict: SharedDict;
  readonly events: CacheEvent[];

  private constructor(cache: TLCache, dict: SharedDict, events: CacheEvent[]) {
    this.cache = cache;
    this.dict = dict;
    this.events = events;
  }

  static async open(
    options: CacheOptions = {},
    name: string = freshName(),
    size = "1m",
  ): Promise<Host> {
    const dict = await SharedDict.open(freshName(), { size });
    const events: CacheEvent[] = [];
    const cache = await open(name, dict, {
      on: (event) => events.push(event),
      ...options,
    });
    return new Host(cache, dict, events);
  }

  /** Events of a type. */
  told(type: CacheEvent["type"]): CacheEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cache.close();
    this.dict.close();
  }
}

/** A loader that counts its calls. */
export function counting<T>(
  give: (call: number) => T | Promise<T>,
): { calls: number; load: () => Promise<T> } {
  const self = {
    calls: 0,
    load: async () => await give(++self.calls),
  };
  return self;
}
