import { assertEquals } from "@std/assert";
import { dirname, join } from "node:path";
import { layerFaults } from "./layers.ts";
import { needs } from "./permissions.ts";
import { repository } from "./workspace.ts";

/** Writes a workspace whose members are the folders of `modules`. */
async function withToy(
  modules: Record<string, string>,
  use: (root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "oresty_toy_" });
  try {
    const published = ["core", "router", "cache", "app", "shop"];
    const files: Record<string, string> = {
      "deno.json": JSON.stringify({
        workspace: [...published, "tests"].map((folder) => `./${folder}`),
        imports: { "@std/http": "jsr:@std/http@^1.0.0" },
      }),
      "tests/deno.json": "{}",
      "tests/tool.ts": "export {};",
      ...modules,
    };
    for (const folder of published) {
      const name = `@oresty/${folder}`;
      files[`${folder}/deno.json`] = JSON.stringify({
        name,
        version: "0.1.0",
        exports: "./mod.ts",
      });
      files[`${folder}/mod.ts`] ??= "export {};";
    }
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.writeTextFile(join(root, path), text);
    }
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test({
  name: "layers: the published modules import downwards only",
  ignore: !needs("run", "read", "write"),
  async fn() {
    assertEquals(await layerFaults(repository), []);
  },
});

Deno.test({
  name: "layers: every bad arrow of a toy workspace is found",
  ignore: !needs("run", "read", "write"),
  async fn() {
    await withToy({
      "core/mod.ts": `import type { A } from "@oresty/app"; export type B = A;`,
      "core/own.ts": `import "./mod.ts";`,
      "router/mod.ts": `import "@oresty/core"; import "@oresty/cache";`,
      "router/_unreached.ts": `import "../tests/tool.ts";`,
      "router/later.ts": `export const later = () => import("@oresty/app");`,
      "cache/mod.ts": `import "npm:cookie@^2.0.2"; import "node:path";`,
      "cache/db_redis.ts": `import "jsr:@db/redis@^0.41";`,
      "cache/other.ts": `import "jsr:@db/redis@^0.41";`,
      "app/mod.ts": `import "@oresty/router"; import "@std/http/file-server";`,
      "app/broken.ts": `import {{ from "@oresty/cli";`,
      "app/lost.ts": `import "./nowhere.ts";`,
      "app/unknown.ts": `import "somewhere";`,
      "app/web.ts": `import "https://example.invalid/x.ts";`,
    }, async (root) => {
      assertEquals(await layerFaults(root), [
        `app/broken.ts: cannot be read`,
        `app/mod.ts: imports "@std/http/file-server", a JSR package of somebody else`,
        `app/nowhere.ts: cannot be read`,
        `app/unknown.ts: imports "somewhere", which JSR does not take`,
        `app/web.ts: imports "https://example.invalid/x.ts", which JSR does not take`,
        `cache/other.ts: imports "jsr:@db/redis@^0.41", a JSR package of somebody else`,
        `core/mod.ts: imports "@oresty/app", up from layer 0 to 3`,
        `router/_unreached.ts: imports "../tests/tool.ts" from outside the published folders`,
        `router/later.ts: imports "@oresty/app", up from layer 2 to 3`,
        `router/mod.ts: imports "@oresty/cache", sideways from layer 2 to 2`,
        `shop: has no layer in tests/layers.ts`,
      ]);
    });
  },
});

Deno.test({
  name: "layers: a sound toy workspace has no fault but the unknown folder",
  ignore: !needs("run", "read", "write"),
  async fn() {
    await withToy({
      "app/mod.ts": `import "@oresty/router"; import "@oresty/cache";`,
      "router/mod.ts": `import "@oresty/core"; import "./_own.ts";`,
      "router/_own.ts": `import "jsr:@oresty/core";`,
    }, async (root) => {
      assertEquals(await layerFaults(root), [
        `shop: has no layer in tests/layers.ts`,
      ]);
    });
  },
});
