import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { runDeno, startDeno } from "../deno_child.ts";
import { dirname } from "node:path";
import { startRegistry } from "../jsr_registry.ts";
import { needs } from "../permissions.ts";
import { Served, startServed } from "../served.ts";
import { repository } from "../workspace.ts";

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until the answer has the text; gives the milliseconds it took. */
async function seen(url: string, text: string, limit = 5000): Promise<number> {
  const start = performance.now();
  let last = "";
  while (performance.now() - start < limit) {
    try {
      last = await (await fetch(url)).text();
      if (last.includes(text)) return performance.now() - start;
    } catch {
      // It is just starting anew.
    }
    await sleep(10);
  }
  throw new Error(`"${text}" did not come from ${url}, but ${last}`);
}

function freePort(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return String(listener.addr.port);
}

Deno.test({
  name: "ten minutes: from nothing to an own service, from the registry",
  ignore: !needs("run", "net", "read", "write", "env"),
  async fn(t) {
    const root = await Deno.makeTempDir({ prefix: "oresty-ten-" });
    await using registry = await startRegistry();
    await registry.publishWorkspace(repository);
    const env = {
      JSR_URL: registry.url,
      DENO_DIR: `${root}/cache`,
      PORT: freePort(),
      // The scripts look for a deno by its name.
      PATH: `${root}/bin:${Deno.env.get("PATH")}`,
    };
    await Deno.mkdir(`${root}/bin`);
    await Deno.symlink(Deno.execPath(), `${root}/bin/deno`);
    const cwd = `${root}/svc`;
    const deno = async (...args: string[]) => {
      const result = await runDeno(args, { cwd, env, timeout: 60 });
      assertEquals(result.code, 0, result.stdout + result.stderr);
      return result.stdout;
    };
    try {
      await t.step("new makes it, and it passes its own checks", async () => {
        const { code, stdout, stderr } = await runDeno(
          ["run", "-A", "jsr:@oresty/cli", "new", "svc"],
          { cwd: root, env, timeout: 60 },
        );
        assertEquals(code, 0, stderr);
        assertStringIncludes(stdout, "deno task dev");
        assertStringIncludes(await deno("task", "ok"), "2 passed");
      });

      await t.step("the predecessor's lines in their order", async () => {
        const sh = async (line: string) => {
          const output = await new Deno.Command("bash", {
            args: ["-c", line],
            cwd,
            env,
          }).output();
          const text = new TextDecoder().decode(output.stdout);
          assertEquals(
            output.code,
            0,
            text + new TextDecoder().decode(output.stderr),
          );
          return text;
        };
        assertStringIncludes(await sh("bash check-env.sh"), "ok    config");
        // A second link lands inside of the folder, and does no harm there.
        await sh("ln -s config_dev config");
        assertMatch(await sh("bash check-env.sh"), /ok {4}port \d+ is free/);
        await using served = await startServed(["task", "start"], {
          cwd,
          env,
          timeout: 60,
        });
        assertStringIncludes(await (await fetch(served.url)).text(), "<h1>");
        assertEquals((await served.stop("SIGTERM", 10)).code, 0);
      });

      await t.step("routes lists method, pattern, name, source", async () => {
        const table = await deno("task", "routes");
        assertMatch(table, /^METHOD +PATTERN +NAME +SOURCE$/m);
        assertMatch(table, /^GET +\/hello\/:name +- +hello\/\[name\]\.ts$/m);
      });

      for (const page of ["ten_minutes.md", "ten_minutes.zh-CN.md"]) {
        await t.step(`the files of ${page} do what it says`, async () => {
          const files = await filesOf(page);
          assertEquals([...files.keys()], [
            "ctrl/price/[item].ts",
            "tests/price_test.ts",
          ]);
          for (const [name, text] of files) {
            await Deno.mkdir(`${cwd}/${dirname(name)}`, { recursive: true });
            await Deno.writeTextFile(`${cwd}/${name}`, text);
          }
          assertStringIncludes(await deno("task", "ok"), "4 passed");
          assertStringIncludes(await deno("task", "routes"), "/price/:item");
          await Deno.writeTextFile(
            `${cwd}/config_dev/app.json`,
            `{ "port": "eighty" }\n`,
          );
          const { code, stderr } = await runDeno(["task", "start"], {
            cwd,
            env: { ...env, PORT: "" },
            timeout: 60,
          });
          assertEquals(code, 78, stderr);
          assertStringIncludes(stderr, `app.port: "eighty" was given`);
          await Deno.writeTextFile(
            `${cwd}/config_dev/app.json`,
            `{ "port": 2233 }\n`,
          );
        });
      }

      await t.step("dev sees what is typed", async () => {
        const child = startDeno(["task", "dev"], { cwd, env });
        await using served = new Served(child);
        await served.ready(60);
        const { url } = served;
        await seen(url, "<h1>svc</h1>");
        const hello = `${cwd}/ctrl/hello/[name].ts`;
        const page = `${cwd}/template/home.html`;

        await sleep(300); // the watcher's own start
        await edit(hello, "hello: name", "bonjour: name");
        assertLess(await seen(`${url}/hello/Ada`, "bonjour"), 1000);
        await edit(page, "<h1>", "<h1>My ");
        assertLess(await seen(url, "<h1>My svc</h1>"), 1000);
        await Deno.writeTextFile(
          `${cwd}/ctrl/fresh.ts`,
          `export const get = () => "fresh";\n`,
        );
        assertLess(await seen(`${url}/fresh`, "fresh"), 1500);

        await Deno.writeTextFile(
          `${cwd}/ctrl/fresh.ts`,
          `export const get = () => {\n  return "x"\n`,
        );
        for (let i = 0; i < 300 && !/fresh\.ts:\d/.test(served.output); i++) {
          await sleep(10);
        }
        assertMatch(served.output, /fresh\.ts:[23]:\d+/);
        await Deno.writeTextFile(
          `${cwd}/ctrl/fresh.ts`,
          `export const get = () => "mended";\n`,
        );
        assertLess(await seen(`${url}/fresh`, "mended"), 3000);

        await Deno.writeTextFile(
          `${cwd}/ctrl/broken.ts`,
          `export function get() {\n  throw new Error("a reason");\n}\n`,
        );
        await seen(`${url}/broken`, "a reason");
        const error = await (await fetch(`${url}/broken`)).json();
        assertEquals(error.source.line, 2);
        assert(error.stack.length > 0);

        const { code } = await served.stop("SIGTERM", 10);
        assertEquals(code, 0, served.output);
      });
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});

/** The files that a page shows: code that begins with a comment of a name. */
async function filesOf(page: string): Promise<Map<string, string>> {
  const text = await Deno.readTextFile(`${repository}examples/${page}`);
  const fences = text.matchAll(/```ts\n\/\/ (\S+)\n([^]*?)```/g);
  return new Map([...fences].map(([, name, code]) => [name!, code!]));
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await Deno.readTextFile(file);
  assertStringIncludes(text, from);
  await Deno.writeTextFile(file, text.replace(from, to));
}
