import { assertEquals } from "@std/assert";
import { kill, startDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";
import { repository } from "../workspace.ts";

const PROGRAM = `
import { SharedDict } from "@oresty/shm";
import { Isolate } from "${repository}tests/shm/isolates.ts";

const dict = await SharedDict.open("stopped", { size: "256k", shards: 1 });
dict.set("k", "kept");
const isolate = await Isolate.start("thread");
await isolate.run("open", "stopped");
const held = isolate.run("hold", "stopped", "k", 1500);
await new Promise((resolve) => setTimeout(resolve, 200));
console.log("stop me");
// Waits for the lock while the whole process stands still.
const { ok } = dict.set("other", 1);
await held;
const { steals, wipes } = dict.stats();
console.log(JSON.stringify({ ok, k: dict.get("k"), steals, wipes }));
await isolate[Symbol.asyncDispose]();
Deno.exit();
`;

Deno.test({
  name: "an owner that stood still with its whole process is not robbed",
  ignore: !needs("read", "write", "run"),
  async fn() {
    await using module = await TempModule.write(PROGRAM);
    const child = startDeno(["run", "-A", CONFIG_FLAG, module.path], {
      cwd: module.folder,
    });
    const output = read(child.stderr);
    try {
      const lines = child.stdout.pipeThrough(new TextDecoderStream());
      let text = "";
      for await (const part of lines) {
        text += part;
        if (!part.includes("stop me")) continue;
        await new Promise((resolve) => setTimeout(resolve, 100));
        child.kill("SIGSTOP");
        await new Promise((resolve) => setTimeout(resolve, 3000));
        child.kill("SIGCONT");
      }
      const [, answer = "none"] = text.split("stop me\n");
      assertEquals(
        answer.trim(),
        `{"ok":true,"k":"kept","steals":0,"wipes":0}`,
        await output,
      );
    } finally {
      kill(child);
      await Promise.all([child.status, output]);
    }
  },
});

async function read(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
  return await new Response(stream).text();
}
