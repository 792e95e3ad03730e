import { assert, assertEquals } from "@std/assert";
import { open } from "@oresty/cache";
import { SharedDict } from "@oresty/shm";
import { freshName } from "./host.ts";
import { needs } from "../permissions.ts";
import type { Order } from "./isolate_worker.ts";

// A worker's module is read from a file.
const ignore = !needs("env", "read");
/** How long random calls go on, in seconds. */
const SECONDS = ignore ? 0 : Number(Deno.env.get("ORESTY_SOAK_SECONDS") ?? 3);

class Isolate implements Disposable {
  readonly #worker: Worker = new Worker(
    import.meta.resolve("./isolate_worker.ts"),
    { type: "module" },
  );

  ask<T>(order: Order): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#worker.onmessage = ({ data }) => {
      if ("error" in data) reject(new Error(data.error));
      else resolve(data.value);
    };
    this.#worker.postMessage(order);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

async function withIsolates(
  run: (isolates: Isolate[], dict: SharedDict, name: string) => Promise<void>,
): Promise<void> {
  const isolates = Array.from({ length: 4 }, () => new Isolate());
  const dictName = freshName();
  const name = freshName();
  const order = { kind: "join", dict: dictName, cache: name } as const;
  try {
    const ids = await Promise.all(isolates.map((each) => each.ask(order)));
    using dict = await SharedDict.open(dictName, { size: "4m" });
    assertEquals(new Set([...ids, dict.id]).size, 1);
    await run(isolates, dict, name);
    assertEquals(dict.check(), []);
  } finally {
    for (const each of isolates) each[Symbol.dispose]();
  }
}

Deno.test(
  "isolates: 40 callers in 4 of them cost one load",
  { ignore },
  async () => {
    await withIsolates(async (isolates, dict) => {
      for (const key of ["a", "b", "c"]) {
        const values = await Promise.all(
          isolates.map((each) => each.ask({ kind: "get", key, ms: 50 })),
        );
        assert(values.every((value) => value === `loaded ${key}`));
      }
      assertEquals(dict.get("loads"), 3);
    });
  },
);

Deno.test(
  "isolates: what one sets, no other answers the old for",
  { ignore },
  async () => {
    await withIsolates(async (isolates, dict, name) => {
      await using cache = await open(name, dict);
      for (let i = 0; i < 50; i++) {
        await cache.set("k", i);
        const values = await Promise.all(
          isolates.map((each) => each.ask({ kind: "sync", key: "k" })),
        );
        assertEquals(values, [i, i, i, i]);
      }
      await isolates[0]!.ask({ kind: "set", key: "k", value: "theirs" });
      assertEquals(cache.getSync("k"), "theirs");
      await isolates[1]!.ask({ kind: "purge" });
      assertEquals(cache.getSync("k"), undefined);
    });
  },
);

Deno.test("isolates: random calls of four tear nothing and turn nothing back", {
  ignore,
}, async () => {
  await withIsolates(async (isolates) => {
    const faults = await Promise.all(
      isolates.map((each, i) =>
        each.ask<string[]>({ kind: "random", seed: i + 1, ms: SECONDS * 1000 })
      ),
    );
    assertEquals(faults.flat(), []);
  });
});
