import { assertEquals, assertRejects } from "@std/assert";
import { webLocks } from "@oresty/core";

Deno.test("a lock is held by one at a time", async () => {
  const order: string[] = [];
  const hold = (name: string, ms: number) =>
    webLocks().request("web_locks_test 1", {}, async () => {
      order.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      order.push(`${name} out`);
      return name;
    });
  assertEquals(await Promise.all([hold("a", 20), hold("b", 0)]), ["a", "b"]);
  assertEquals(order, ["a in", "a out", "b in", "b out"]);
});

Deno.test("a lock that another holds is seen, and not waited for", async () => {
  const locks = webLocks();
  const { promise, resolve } = Promise.withResolvers<void>();
  const held = locks.request("web_locks_test 2", {}, () => promise);
  const other = await locks.request(
    "web_locks_test 2",
    { ifAvailable: true },
    (lock) => lock,
  );
  assertEquals(other, null);
  const { held: all = [] } = await locks.query();
  assertEquals(all.filter(({ name }) => name === "web_locks_test 2").length, 1);
  const late = locks.request(
    "web_locks_test 2",
    { signal: AbortSignal.timeout(20) },
    () => 1,
  );
  await assertRejects(() => late);
  resolve();
  await held;
});
