import { assert, assertEquals } from "@std/assert";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";

/** In a process of its own: what is resident is counted for all threads. */
const PROGRAM = `
import { SharedDict } from "@oresty/shm";

const first = await SharedDict.open("first", { size: "64k" });
first.get("none");
first.set("k", 1);
const before = Deno.memoryUsage().rss;
const dict = await SharedDict.open("unused", { size: "100m" });
dict.get("none");
console.log(Deno.memoryUsage().rss - before, dict.capacity());
`;

Deno.test({
  name: "a dictionary of 100 MB that is not used takes less than 2 MB",
  ignore: !needs("read", "write", "run"),
  async fn() {
    await using module = await TempModule.write(PROGRAM);
    const taken: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { stdout, stderr } = await runDeno(
        ["run", "--no-prompt", CONFIG_FLAG, module.path],
        { cwd: module.folder, timeout: 30 },
      );
      const [bytes, capacity] = stdout.split(" ").map(Number);
      assertEquals(capacity, 104_857_600, stderr);
      taken.push(bytes!);
    }
    // The engine takes some for itself at times; the memory does not.
    assert(Math.min(...taken) < 2_000_000, taken.join());
  },
});
