import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { runDeno } from "../deno_child.ts";
import { startRegistry } from "../jsr_registry.ts";
import { startServed } from "../served.ts";
import { commandRedis, hasRedis, startRedis } from "../services.ts";
import { repository } from "../workspace.ts";

const EXAMPLE = "examples/jsr/cache.ts";

Deno.test({
  name: "examples/jsr: @db/redis is the third tier of two hosts",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    await using registry = await startRegistry();
    const standIn = join(repository, "tests/jsr_registry/db_redis/mod.ts");
    await registry.addPackage("@db/redis", "0.41.2", {
      "/deno.json": JSON.stringify({
        name: "@db/redis",
        license: "MIT",
        exports: "./mod.ts",
      }),
      "/mod.ts": await Deno.readTextFile(standIn),
    });
    const cache = await Deno.makeTempDir({ prefix: "oresty_cache_" });
    try {
      const options = {
        cwd: repository,
        env: {
          JSR_URL: registry.url,
          DENO_DIR: cache,
          REDIS_PORT: String(server.port),
        },
      };
      const config = ["--config", "deno.jsr.json"];
      const { code, stderr } = await runDeno(
        ["check", ...config, EXAMPLE],
        options,
      );
      assertEquals(code, 0, stderr);
      const start = () =>
        startServed([
          ...["serve", ...config, "--no-prompt", "--allow-net", "--allow-env"],
          ...["--host", "127.0.0.1", "--port", "0", EXAMPLE],
        ], options);
      await using one = await start();
      await using two = await start();
      for (
        const [path, found] of [
          ["/articles/1", { article: { id: "1", title: "Article 1" } }],
          ["/authors/1", { author: { id: "1", name: "Author 1" } }],
        ] as const
      ) {
        const get = async (url: string): Promise<unknown> =>
          await (await fetch(url + path)).json();
        assertEquals(await get(one.url), {
          ...found,
          hitLevel: 3,
          source: "loader",
        });
        assertEquals(await get(two.url), {
          ...found,
          hitLevel: 3,
          source: "l3",
        });
        assertEquals(await get(two.url), {
          ...found,
          hitLevel: 1,
          source: "l1",
        });
      }
      const keys = await commandRedis(server.port, ["KEYS", "*}:v"]);
      assertEquals((keys as string[]).sort(), [
        "{articles:1}:v",
        "{authors:1}:v",
      ]);
      assertEquals((await one.stop("SIGTERM", 5)).code, 0);
      await server.kill();
      assertEquals((await two.stop("SIGTERM", 5)).code, 0);
    } finally {
      await Deno.remove(cache, { recursive: true });
    }
  },
});
