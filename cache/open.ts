import { SharedDict } from "@oresty/shm";
import { Breaker } from "./_breaker.ts";
import { Bus } from "./_bus.ts";
import { applyMessage } from "./_bus_message.ts";
import { FirstTier } from "./_first_tier.ts";
import { GuardedTier } from "./_guarded_tier.ts";
import { type Chain, Loads } from "./_loads.ts";
import { checkCacheOptions, checkPlace } from "./_options.ts";
import { Reads } from "./_reads.ts";
import { SecondTier } from "./_second_tier.ts";
import type { Settings } from "./_settings.ts";
import { Tally } from "./_tally.ts";
import { Writes } from "./_writes.ts";
import type { CacheOptions } from "./options.ts";
import { TLCache } from "./tl_cache.ts";

/**
 * Opens a cache. Those of one name in one dictionary are one cache, in however
 * many isolates; those of other names know nothing of each other.
 *
 * @param name What it is called.
 * @param dict The dictionary in which its second tier is, or the name of one.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 * @throws {RangeError} On an option out of range.
 *
 * @example
 * ```ts
 * import { open } from "@oresty/cache";
 * import { SharedDict } from "@oresty/shm";
 * import { assertEquals } from "@std/assert";
 *
 * const dict = await SharedDict.open("example_open", { size: "1m" });
 * const cache = await open("prices", dict, { ttl: 10, negTtl: 1 });
 * assertEquals(await cache.get("tea", () => 3), 3);
 * assertEquals(cache.getSync("tea"), 3);
 * await cache.close();
 * dict.close();
 * ```
 */
export async function open(
  name: string,
  dict: SharedDict | string,
  options: CacheOptions = {},
): Promise<TLCache> {
  checkPlace(name, dict);
  const settings = checkCacheOptions(`cache "${name}"`, options);
  // In the end, or when something fails on the way, in the reverse order.
  // deno-lint-ignore no-undef -- newer than the list of the rule
  const ends = new AsyncDisposableStack();
  try {
    return await assemble(name, dict, options, settings, ends);
  } catch (error) {
    await ends.disposeAsync();
    throw error;
  }
}

async function assemble(
  name: string,
  dict: SharedDict | string,
  options: CacheOptions,
  settings: Settings,
  ends: AsyncDisposableStack,
): Promise<TLCache> {
  const { AsyncLocalStorage } = await import("node:async_hooks");
  const { serializer, now = Date.now } = options;
  const tally = new Tally(name, options.on, options.metrics);
  const emit = tally.emit.bind(tally);
  const breaker = new Breaker(
    options.breaker,
    now,
    (state) => emit({ type: "breaker", state }),
  );
  const dictOf = async (given: SharedDict | string) => {
    if (given instanceof SharedDict) return given;
    return ends.use(await SharedDict.open(given));
  };
  const memory = await dictOf(dict);
  const miss = options.shmMiss === undefined
    ? undefined
    : await dictOf(options.shmMiss);
  const second = new SecondTier(name, memory, miss, serializer, now);
  const first = new FirstTier(name, second, options, now);
  ends.defer(() => first.clear());
  // All isolates of a process have this memory, and no other process has.
  const origin = () => memory.id;
  const third = options.l3 && new GuardedTier(options.l3.open(name), {
    breaker,
    emit,
    stamp: () => second.stamp,
    origin,
    told: (message) => applyMessage(second, message),
  });
  const bus = third && new Bus(third, second, origin, emit);
  const loads = new Loads({
    name,
    first,
    second,
    third,
    serializer,
    now,
    emit,
    chains: chains ??= new AsyncLocalStorage<Chain>(),
    waited: (seconds) => tally.waited(seconds),
  });
  if (third !== undefined) {
    ends.defer(() =>
      third.tier.close().catch((error) =>
        emit({ type: "l3_error", operation: "close", error })
      )
    );
    ends.defer(() => bus?.close());
  }
  ends.defer(() => loads.close());
  await bus?.start(await leaderName(memory.name, name));
  // After it: who begins to listen may have missed a purge.
  await third?.warmUp();
  return new TLCache({
    name,
    settings,
    first,
    second,
    loads,
    reads: new Reads({ name, first, second, loads, tally, now }),
    writes: new Writes({ first, second, third, serializer, tally, now }),
    tally,
    now,
    close: () => ends.disposeAsync(),
  });
}

/** Names of leaders are short, those of caches and dictionaries need not be. */
async function leaderName(dict: string, cache: string): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify([dict, cache]));
  const digest = await crypto.subtle.digest("SHA-256", text);
  return `oresty:cache:${new Uint8Array(digest).toHex()}`;
}

/** One for all caches: a load of one may ask another, and that the first. */
let chains: import("node:async_hooks").AsyncLocalStorage<Chain> | undefined;
