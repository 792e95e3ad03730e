import { open } from "@oresty/cache";
import { SharedDict } from "@oresty/shm";

/** What a worker of a test is asked to do. */
export type Order =
  | { readonly kind: "join"; readonly dict: string; readonly cache: string }
  | { readonly kind: "get"; readonly key: string; readonly ms: number }
  | { readonly kind: "set"; readonly key: string; readonly value: unknown }
  | { readonly kind: "sync"; readonly key: string }
  | { readonly kind: "purge" }
  | { readonly kind: "random"; readonly seed: number; readonly ms: number };

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(message: unknown): void;
};
let dict: SharedDict;
let cache: Awaited<ReturnType<typeof open>>;

scope.onmessage = async ({ data }) => {
  try {
    scope.postMessage({ value: await run(data) });
  } catch (error) {
    scope.postMessage({ error: String(error) });
  }
};

async function run(order: Order): Promise<unknown> {
  switch (order.kind) {
    case "join":
      dict = await SharedDict.open(order.dict, { size: "4m" });
      cache = await open(order.cache, dict);
      return dict.id;
    case "get":
      return await cache.get(order.key, async () => {
        dict.incr("loads", 1, 0);
        await new Promise((resolve) => setTimeout(resolve, order.ms));
        return `loaded ${order.key}`;
      });
    case "set":
      return await cache.set(order.key, order.value);
    case "sync":
      return cache.getSync(order.key);
    case "purge":
      return await cache.purge();
    case "random":
      return await random(order.seed, order.ms);
  }
}

/**
 * Random calls. A value names its key, and its number only grows: what was read
 * is looked at for both.
 */
async function random(seed: number, ms: number): Promise<string[]> {
  const faults: string[] = [];
  const seen = new Map<string, number>();
  const end = performance.now() + ms;
  let state = seed;
  const next = (below: number) => {
    state = Math.imul(state, 1103515245) + 12345 & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const look = (key: string, value: unknown) => {
    if (value === undefined || value === null) return;
    const { of, n, pad } = value as { of: string; n: number; pad: string };
    if (of !== key) faults.push(`${key} was ${JSON.stringify(of)}`);
    if (pad !== "x".repeat(n % 700)) faults.push(`${key} was torn`);
    if (n < (seen.get(key) ?? 0)) faults.push(`${key} went back to ${n}`);
    seen.set(key, n);
  };
  const make = (key: string) => {
    const n = dict.incr(`n ${key}`, 1, 0).value!;
    return { of: key, n, pad: "x".repeat(n % 700) };
  };
  for (let i = 0; performance.now() < end; i++) {
    const key = `k${next(20)}`;
    switch (next(10)) {
      case 0:
        await cache.delete(key);
        break;
      case 1:
        if (next(50) === 0) await cache.purge();
        break;
      case 2:
        look(key, cache.getSync(key));
        break;
      default:
        look(key, await cache.get(key, () => make(key)));
    }
  }
  return faults;
}
