import { assert, assertEquals, assertMatch } from "@std/assert";
import { dirname, join } from "node:path";
import { type Registry, startRegistry } from "./jsr_registry.ts";
import { runDeno } from "./deno_child.ts";
import { startServed } from "./served.ts";
import { needs } from "./permissions.ts";
import { importsOf, readReadmes } from "./readme_imports.ts";
import { publishedMembers, repository } from "./workspace.ts";

const HELLO = `import { createApp } from "jsr:@oresty/oresty";
const app = createApp();
app.get("/", () => "hello");
`;

/** JSR takes no other import, and none of a package without a version. */
const ACCEPTED =
  /^(\.\.?\/|node:|data:|(jsr:|npm:)\/?(@[^/@]+\/)?[^/@]+@[^/]+)/;

/** A user's machine: nothing but Deno, an empty cache and the registry. */
class Machine implements AsyncDisposable {
  readonly #folder: string;
  readonly #url: string;
  #projects = 0;

  constructor(folder: string, registry: Registry) {
    this.#folder = folder;
    this.#url = registry.url;
  }

  get env(): Record<string, string> {
    return { JSR_URL: this.#url, DENO_DIR: join(this.#folder, "deno") };
  }

  /** Makes an empty folder with only these files; gives its path. */
  async project(files: Record<string, string>): Promise<string> {
    const folder = join(this.#folder, `project_${this.#projects++}`);
    await Deno.mkdir(folder);
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    }
    return folder;
  }

  /** Runs Deno to its end, expects success, and gives what it printed. */
  async deno(cwd: string, ...args: string[]): Promise<string> {
    const result = await runDeno(args, { cwd, env: this.env });
    assertEquals(result.code, 0, `deno ${args.join(" ")}\n${result.stderr}`);
    return result.stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

Deno.test({
  name: "published form",
  ignore: !needs("run", "net", "read", "write"),
  async fn(t) {
    const members = await publishedMembers(repository);
    await using registry = await startRegistry();
    await using machine = new Machine(
      await Deno.makeTempDir({ prefix: "oresty_user_" }),
      registry,
    );

    const ready = await t.step("every named member is published", async () => {
      const published = await registry.publishWorkspace(repository);
      assertEquals(
        published.map(({ name, version }) => `${name}@${version}`).sort(),
        members.map(({ name, version }) => `${name}@${version}`).sort(),
      );
      assert(members.some(({ name }) => name === "@oresty/oresty"));
    });
    // The other steps would only repeat that a package is missing.
    if (!ready) return;

    await t.step("hello runs in an empty folder", async () => {
      const folder = await machine.project({
        "main.ts":
          `${HELLO}console.log(await (await app.request("/")).text());\n`,
      });
      assertEquals(await machine.deno(folder, "run", "main.ts"), "hello\n");
      await machine.deno(folder, "check", "main.ts");
    });

    for (const { name } of members) {
      await t.step(
        `${name} is imported alone, without permission`,
        async () => {
          const folder = await machine.project({
            "main.ts":
              `import * as all from "jsr:${name}";\nconsole.log(Object.keys(all).length > 0);\n`,
          });
          const output = await machine.deno(
            folder,
            "run",
            "--no-prompt",
            "main.ts",
          );
          assertEquals(output, "true\n");
        },
      );
    }

    await t.step("every export passes deno check", async () => {
      const lines = members.flatMap(({ name, exports }) =>
        exports.map((key) => `import "jsr:${name}${key.slice(1)}";\n`)
      );
      const folder = await machine.project({ "main.ts": lines.join("") });
      await machine.deno(folder, "check", "main.ts");
      const info = await machine.deno(folder, "info", "--json", "main.ts");
      for (const [module, specifier] of publishedImports(info, registry.url)) {
        assertMatch(specifier, ACCEPTED, `imported by ${module}`);
      }
    });

    await t.step("controllers and templates of the user are read", async () => {
      const folder = await machine.project({
        "ctrl/users/[name].ts":
          `export const get = (params) => [params, "user.html"];\n`,
        "template/user.html": "<p><%= it.name %></p>",
        "main.ts": `import { createApp } from "jsr:@oresty/oresty";
const app = createApp({ templates: new URL("./template/", import.meta.url) });
await app.controllers("./ctrl");
console.log(await (await app.request("/users/Ada")).text());
`,
      });
      const output = await machine.deno(
        folder,
        "run",
        "--no-prompt",
        "--allow-read=.",
        "main.ts",
      );
      assertEquals(output, "<p>Ada</p>\n");
    });

    await t.step("deno serve answers and ends on SIGTERM", async () => {
      const folder = await machine.project({
        "main.ts": `${HELLO}export default app;\n`,
      });
      await using served = await startServed(
        ["serve", "--host", "127.0.0.1", "--port", "0", "main.ts"],
        { cwd: folder, env: machine.env },
      );
      const response = await fetch(`${served.url}/`);
      assertEquals([response.status, await response.text()], [200, "hello"]);
      const { code, signal } = await served.stop("SIGTERM", 5);
      assertEquals([code, signal], [0, null]);
    });

    await t.step("every import of the READMEs resolves", async () => {
      const folders = members.map(({ folder }) => folder);
      const readmes = await readReadmes(repository, folders);
      const imports = readmes
        .flatMap(({ file, text }) => importsOf(file, text));
      if (readmes.some(({ file }) => file === "README.md")) {
        assert(imports.some(({ file }) => file === "README.md"));
      }
      const folder = await machine.project({});
      const names = members.map(({ name }) => `jsr:${name}`);
      await machine.deno(folder, "add", ...names);
      const files = [];
      for (const [i, { file, statement }] of imports.entries()) {
        const name = `import_${i}.ts`;
        const text = `// ${file}\n${statement}\n`;
        await Deno.writeTextFile(join(folder, name), text);
        files.push(name);
      }
      if (files.length > 0) await machine.deno(folder, "check", ...files);
    });
  },
});

/** Importing module and specifier of each import of the published modules. */
function publishedImports(info: string, url: string): [string, string][] {
  const { modules }: {
    modules: { specifier: string; dependencies?: { specifier: string }[] }[];
  } = JSON.parse(info);
  const found = modules
    .filter(({ specifier }) => specifier.startsWith(url))
    .flatMap(({ specifier, dependencies = [] }) =>
      dependencies.map((dependency): [string, string] => [
        specifier,
        dependency.specifier,
      ])
    );
  assert(found.length > 0, "no import of a published module was found");
  return found;
}

Deno.test("the imports of a README are found", () => {
  const readme = `
import { no } from "jsr:@oresty/prose";
\`\`\`ts
import { createApp, type App } from "jsr:@oresty/oresty";
import {
  Router,
} from '@oresty/router';
import * as sub from "jsr:@oresty/cache@^0.1.0/sub" // why
import "@oresty/core";
import { other } from "@std/assert";
export { Router } from "jsr:/@oresty/router";
const late = await import("@oresty/late");
const text = "@oresty/text";
\`\`\`
\`\`\`sh
import { no } from "jsr:@oresty/shell";
\`\`\`
- in a list
  \`\`\`typescript
  import type { A } from "@oresty/list";
  \`\`\`
`;
  const imports = importsOf("README.md", readme);
  assertEquals(imports.map(({ statement }) => statement), [
    `import { createApp, type App } from "jsr:@oresty/oresty";`,
    `import {\n  Router,\n} from '@oresty/router';`,
    `import * as sub from "jsr:@oresty/cache@^0.1.0/sub";`,
    `import "@oresty/core";`,
    `export { Router } from "jsr:/@oresty/router";`,
    `await import("@oresty/late");`,
    `import type { A } from "@oresty/list";`,
  ]);
  assertEquals(
    imports.map(({ specifier }) => specifier).filter((specifier) =>
      specifier.includes("cache")
    ),
    ["jsr:@oresty/cache@^0.1.0/sub"],
  );
});
