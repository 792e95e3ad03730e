import { assert, assertEquals, assertRejects } from "@std/assert";
import { spawn, type SpawnedWorker, workerParent } from "@oresty/core";

function next(worker: SpawnedWorker): Promise<unknown> {
  return new Promise((resolve) => worker.listen(resolve));
}

const ignore = Deno.permissions.querySync({ name: "read" }).state !== "granted";

Deno.test({
  name: "spawn hands data over, and messages both ways",
  ignore,
  async fn() {
    await using worker = await spawn(
      import.meta.resolve("./spawned_worker.ts"),
      { data: { a: 1 }, name: "test" },
    );
    const memory = new SharedArrayBuffer(4);
    new Int32Array(memory)[0] = 7;
    const answer = next(worker);
    worker.post({ text: "hello", memory });
    const [data, message, word] = await answer as unknown[];
    assertEquals([data, word], [{ a: 1 }, 7]);
    assertEquals((message as { text: string }).text, "hello");
  },
});

Deno.test({
  name: "spawn tells that a worker ended by itself",
  // The session that measures a worker keeps it from ending by itself.
  ignore: variable("ORESTY_COVERAGE") !== undefined,
  async fn() {
    const done = await spawn("data:text/javascript,1");
    assertEquals(await done.ended, { code: 0 });
  },
});

Deno.test("spawn tells how a worker ended", async () => {
  const thrown = await spawn(`data:text/javascript,throw new Error("why")`);
  const { code, error } = await thrown.ended;
  assertEquals(code, 1);
  assert(String(error).includes("why"), String(error));
  const left = await spawn(
    `data:text/javascript,import("node:process").then((p) => p.exit(9))`,
  );
  assertEquals((await left.ended).code, 9);
});

Deno.test("spawn stops a worker that waits", async () => {
  const worker = await spawn(
    "data:text/javascript,setInterval(() => {}, 1000)",
  );
  await worker.stop();
  const again = await worker.stop();
  assertEquals(again, await worker.ended);
});

Deno.test("spawn ends a worker that takes more memory than it may", async () => {
  const worker = await spawn(
    "data:text/javascript,const all = []; setTimeout(() => {" +
      "while (all.length < 40000) all.push(new Array(1000).fill(all.length));" +
      "}, 20)",
    { memory: "32m" },
  );
  const { code, error } = await worker.ended;
  assertEquals(code, 1);
  assert(String(error).includes("memory"), String(error));
});

Deno.test("spawn refuses what is no URL or no option", async () => {
  await assertRejects(() => spawn("./worker.ts"), TypeError, "URL");
  const error = await assertRejects(() =>
    spawn("data:text/javascript,1", { memry: 1 } as never)
  ) as Error;
  assert(error.message.includes(`did you mean "memory"`), error.message);
});

Deno.test("workerParent is undefined where spawn started nothing", async () => {
  assertEquals(await workerParent(), undefined);
});

function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
