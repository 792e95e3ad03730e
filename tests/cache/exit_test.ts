import { assert, assertEquals } from "@std/assert";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { startServed } from "../served.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";

const ignore = !needs("run", "net", "read", "write", "env");

const SERVICE = `
import { open } from "@oresty/cache";
import { SharedDict } from "@oresty/shm";

const dict = await SharedDict.open("exit_test", { size: "8m" });
const cache = await open("exit_test", dict, { ttl: 60, grace: 60 });
let loads = 0;
export default {
  async fetch(request) {
    const key = new URL(request.url).pathname;
    const found = await cache.lookup(key, async () => {
      dict.incr("loads", 1, 0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      return ++loads;
    });
    return Response.json({ loads: dict.get("loads"), source: found.source });
  },
};
`;

Deno.test({
  name: "exit: deno serve --parallel loads once and ends by TERM",
  ignore,
  async fn() {
    await using module = await TempModule.write(SERVICE);
    await using served = await startServed(
      [
        "serve",
        "--parallel",
        "--allow-net=127.0.0.1",
        "--host=127.0.0.1",
        "--port=0",
        CONFIG_FLAG,
        module.path,
      ],
      { cwd: module.folder, env: { DENO_JOBS: "4" } },
    );
    for (const key of ["/a", "/b", "/c"]) {
      await Promise.all(Array.from({ length: 40 }, async () => {
        const response = await fetch(served.url + key);
        await response.json();
      }));
    }
    const response = await fetch(`${served.url}/a`);
    const { loads } = await response.json();
    assertEquals(loads, 3);
    const began = performance.now();
    const { code } = await served.stop("SIGTERM", 5);
    assertEquals(code, 0, served.output);
    assert(performance.now() - began < 2000);
  },
});

Deno.test({
  name: "exit: a program with an open cache ends by itself, without permission",
  ignore,
  async fn() {
    await using module = await TempModule.write(`
import { open } from "@oresty/cache";
const cache = await open("exit_test", "exit_test_own");
console.log(await cache.get("k", { ttl: 60 }, () => 7));
`);
    const { code, stdout } = await runDeno(
      ["run", CONFIG_FLAG, module.path],
      { cwd: module.folder, timeout: 30 },
    );
    assertEquals([code, stdout.trim()], [0, "7"]);
  },
});
