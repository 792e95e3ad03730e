import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { runDeno } from "../deno_child.ts";
import { startServed } from "../served.ts";
import {
  hasMongo,
  hasRedis,
  type Service,
  startMongo,
  startRedis,
} from "../services.ts";
import { repository } from "../workspace.ts";

const CHILD = join(repository, "tests/cache/third_tier_child.ts");

/** Seconds in which a program without traffic ends. */
const LATEST = 1;

const KINDS: [string, () => boolean, () => Promise<Service>][] = [
  ["redis", hasRedis, () => startRedis()],
  ["cluster", hasRedis, () => startRedis({ isCluster: true })],
  ["db-redis", hasRedis, () => startRedis()],
  ["npm:redis", hasRedis, () => startRedis()],
  ["mongo", hasMongo, () => startMongo()],
];

function optionsFor(kind: string, server: Service) {
  const env = { STORE: kind, STORE_PORT: String(server.port) };
  return { cwd: repository, env, timeout: 60 };
}

for (const [kind, has, start] of KINDS) {
  Deno.test({
    name: `third tier: a script with it open ends by itself (${kind})`,
    ignore: !has(),
    async fn() {
      await using server = await start();
      const flags = ["run", "-A", "--no-check"];
      const began = performance.now();
      const { code, stdout, stderr } = await runDeno(
        [...flags, CHILD],
        optionsFor(kind, server),
      );
      assertEquals([code, stdout], [0, "open\n"], stderr);
      const took = (performance.now() - began) / 1000;
      // Not a heartbeat or a reconnect later: it has only to start and stop.
      assert(took < 10, `it took ${took} s`);
    },
  });

  for (const state of ["there", "parallel", "frozen", "killed"] as const) {
    // Its owner's attempts to connect again are its owner's.
    if (kind === "npm:redis" && state === "killed") continue;
    Deno.test({
      name: `third tier: SIGTERM ends deno serve, server ${state} (${kind})`,
      ignore: !has(),
      async fn() {
        await using server = await start();
        await using served = await startServed([
          ...["serve", "-A", "--no-check", "--host", "127.0.0.1"],
          ...(state === "parallel" ? ["--parallel"] : []),
          ...["--port", "0", CHILD],
        ], optionsFor(kind, server));
        const get = async (): Promise<number> => {
          const response = await fetch(served.url);
          await response.body?.cancel();
          return response.status;
        };
        assertEquals(await get(), 200);
        if (state === "frozen") server.pause();
        if (state === "killed") await server.kill();
        try {
          const isGone = state === "frozen" || state === "killed";
          assertEquals(await get(), isGone ? 503 : 200);
          // So long that heartbeats and new attempts are under way.
          await new Promise((resolve) => setTimeout(resolve, 2500));
          const began = performance.now();
          const { code } = await served.stop("SIGTERM", 10);
          const took = (performance.now() - began) / 1000;
          assertEquals(code, 0);
          assert(took < LATEST, `it took ${took} s`);
        } finally {
          if (state === "frozen") server.resume();
        }
      },
    });
  }
}
