import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { startRegistry } from "./jsr_registry.ts";
import { runDeno } from "./deno_child.ts";
import { startServed } from "./served.ts";
import { needs } from "./permissions.ts";
import { repository } from "./workspace.ts";

const EXAMPLE = "examples/jsr/serve_dir.ts";
const CONFIG = ["--config", "deno.jsr.json"];

Deno.test({
  name: "deno.jsr.json has the workspace of deno.json and is not locked",
  ignore: !needs("read"),
  async fn() {
    const read = async (name: string): Promise<Record<string, unknown>> =>
      JSON.parse(await Deno.readTextFile(join(repository, name)));
    const [plain, jsr] = [await read("deno.json"), await read("deno.jsr.json")];
    assertEquals(jsr["workspace"], plain["workspace"]);
    assertEquals(jsr["unstable"], plain["unstable"]);
    assertEquals(jsr["lock"], false);
    // An import that the root maps to a file is mapped here too, so that no
    // module is lost when this configuration is taken.
    const names = (config: Record<string, unknown>): string[] =>
      Object.keys(config["imports"] ?? {});
    const missing = names(plain).filter((name) => !names(jsr).includes(name));
    assertEquals(missing, []);
  },
});

Deno.test({
  name: "examples/jsr: serveDir of @std/http answers under an app",
  ignore: !needs("run", "net", "read", "write"),
  async fn() {
    await using registry = await startRegistry();
    const standIn = join(repository, "tests/jsr_registry/std_http");
    await registry.addPackage("@std/http", "1.0.0", {
      "/deno.json": JSON.stringify({
        name: "@std/http",
        license: "MIT",
        exports: { "./file-server": "./file_server.ts" },
      }),
      "/file_server.ts": await Deno.readTextFile(
        join(standIn, "file_server.ts"),
      ),
    });
    const cache = await Deno.makeTempDir({ prefix: "oresty_cache_" });
    try {
      const options = {
        cwd: repository,
        env: { JSR_URL: registry.url, DENO_DIR: cache },
      };
      const { code, stderr } = await runDeno(
        ["check", ...CONFIG, EXAMPLE],
        options,
      );
      assertEquals(code, 0, stderr);

      await using served = await startServed([
        "serve",
        ...CONFIG,
        "--no-prompt",
        "--allow-read=examples/jsr",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        EXAMPLE,
      ], options);
      const get = async (path: string): Promise<[number, string]> => {
        const response = await fetch(served.url + path);
        return [response.status, await response.text()];
      };
      assertEquals(await get("/static/hello.txt"), [
        200,
        await Deno.readTextFile(
          join(repository, "examples/jsr/public/hello.txt"),
        ),
      ]);
      assertEquals(await get("/static/nothing.txt"), [404, "Not Found"]);
      assertEquals(await get("/static/..%2Fserve_dir.ts"), [404, "Not Found"]);
      assertEquals((await get("/hello.txt"))[0], 404);
      assertEquals((await served.stop("SIGTERM", 5)).code, 0);
    } finally {
      await Deno.remove(cache, { recursive: true });
    }
  },
});
