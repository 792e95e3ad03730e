import { assert, assertEquals } from "@std/assert";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { startServed } from "../served.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";

const ignore = !needs("run", "net", "read", "write");

/** Everything that can be open, at once; no permission but the server's. */
const ALL_OPEN = `
import { keepMemories, leader, SegmentGroup, SharedDict } from "@oresty/shm";

const dict = await SharedDict.open("exit", { size: "64m" });
const group = await SegmentGroup.join("exit", { size: "64k" });
const keeper = await keepMemories();
const lead = await leader("exit", { ttl: 1 });
const slot = dict.versionSlot("k");
dict.changed(slot, dict.versionAt(slot), 3600);
`;

const SERVICE = `${ALL_OPEN}
export default {
  fetch() {
    group.own.doubles[0] += 1;
    const { value } = dict.incr("n", 1, 0);
    let sum = 0;
    for (const { doubles } of group.segments) sum += doubles[0];
    return Response.json({ value, sum, id: group.own.id, segments: group.segments.length, leads: lead.isLeader, seed: new Int32Array(dict.buffer)[12] });
  },
};
`;

/** What a thread of the service says. */
interface Said {
  value: number;
  sum: number;
  id: string;
  segments: number;
  leads: boolean;
  seed: number;
}

for (const isParallel of [false, true]) {
  Deno.test({
    name: `deno serve${
      isParallel ? " --parallel" : ""
    } ends within a second by TERM with everything open`,
    ignore,
    async fn() {
      await using module = await TempModule.write(SERVICE);
      await using served = await startServed(
        [
          "serve",
          ...isParallel ? ["--parallel"] : [],
          "--allow-net=127.0.0.1",
          "--host=127.0.0.1",
          "--port=0",
          CONFIG_FLAG,
          module.path,
        ],
        { cwd: module.folder, env: { DENO_JOBS: "4" } },
      );
      const said: Said[] = [];
      const threads = isParallel ? 4 : 1;
      // Connections go to threads as the kernel likes.
      for (let i = 0; i < 100; i++) {
        const response = await fetch(served.url, {
          headers: { connection: "close" },
        });
        said.push(await response.json());
      }
      assertEquals(said.map(({ value }) => value), said.map((_, i) => i + 1));
      assertEquals(new Set(said.map(({ seed }) => seed)).size, 1);
      const last = said.at(-1)!;
      assertEquals([last.sum, last.segments], [100, threads]);
      const ids = new Set(said.map(({ id }) => id));
      assert(ids.size <= threads, `${ids.size}`);
      const leaders = new Set(said.filter((s) => s.leads).map((s) => s.id));
      assert(leaders.size <= 1, [...leaders].join());
      const start = performance.now();
      const { code } = await served.stop("SIGTERM", 5);
      const took = performance.now() - start;
      assertEquals(code, 0, served.output);
      assert(took < 1000, `${took}`);
    },
  });
}

Deno.test({
  name: "deno run ends by itself with everything open, without a permission",
  ignore: !needs("run", "read", "write"),
  async fn() {
    await using module = await TempModule.write(
      `${ALL_OPEN}\nconsole.log("open", lead.isLeader, performance.now());`,
    );
    const start = performance.now();
    const { code, stdout, stderr } = await runDeno(
      ["run", "--no-prompt", CONFIG_FLAG, module.path],
      { cwd: module.folder, timeout: 30 },
    );
    assertEquals([code, stdout.slice(0, 9)], [0, "open true"], stderr);
    assert(performance.now() - start < 10_000);
  },
});

Deno.test({
  name: "deno run ends within a second by TERM with everything open",
  ignore,
  async fn() {
    await using module = await TempModule.write(
      `${ALL_OPEN}
setInterval(() => dict.incr("n", 1, 0), 10);
console.log("http://127.0.0.1:1/");`,
    );
    await using served = await startServed(
      ["run", "--no-prompt", CONFIG_FLAG, module.path],
      { cwd: module.folder, timeout: 30 },
    );
    const start = performance.now();
    const { signal } = await served.stop("SIGTERM", 5);
    assertEquals(signal, "SIGTERM");
    assert(performance.now() - start < 1000);
  },
});
