import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertRejects,
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
      ADMIN_PORT: freePort(),
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

      await t.step("what it does is counted, and shown", async () => {
        await using served = await startServed(["task", "start"], {
          cwd,
          env,
          timeout: 60,
        });
        await (await fetch(`${served.url}/price/tea?count=2`)).text();
        const admin = `http://127.0.0.1:${env.ADMIN_PORT}`;
        await seen(
          `${admin}/metrics`,
          `http_request_duration_seconds_count{method="GET",` +
            `route="/price/:item",status="200"} 1`,
        );
        await seen(`${admin}/status`, "<html");
        const hidden = await fetch(`${served.url}/metrics`);
        await hidden.body?.cancel();
        assertEquals(hidden.status, 404);
        assertEquals((await served.stop("SIGTERM", 10)).code, 0);
      });

      await t.step("a port in use is 75, through start", async () => {
        const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
        try {
          const { code, stdout, stderr } = await runDeno(["task", "start"], {
            cwd,
            env: { ...env, PORT: String(listener.addr.port) },
            timeout: 60,
          });
          assertEquals(code, 75, stdout + stderr);
          assertStringIncludes(stdout + stderr, "the port is in use");
        } finally {
          listener.close();
        }
      });

      await t.step("dev sees what is typed", async () => {
        const start = performance.now();
        const child = startDeno(["task", "dev"], { cwd, env });
        await using served = new Served(child);
        await served.ready(60);
        const { url } = served;
        await seen(url, "<h1>svc</h1>");
        assertLess(performance.now() - start, 2000);
        const page = await (await fetch(url)).text();
        assertStringIncludes(page, "GET /hello/:name");
        assertStringIncludes(page, "@oresty/config");
        const hello = `${cwd}/ctrl/hello/[name].ts`;
        const template = `${cwd}/template/home.html`;
        const fresh = `${cwd}/ctrl/fresh.ts`;

        await sleep(300); // the watcher's own start
        await edit(hello, "hello: name", "bonjour: name");
        assertLess(await seen(`${url}/hello/Ada`, "bonjour"), 1000);
        await edit(template, "<h1>", "<h1>My ");
        assertLess(await seen(url, "<h1>My svc</h1>"), 1000);
        await Deno.writeTextFile(fresh, `export const get = () => "fresh";\n`);
        assertLess(await seen(`${url}/fresh`, "fresh"), 1500);
        await edit(`${cwd}/config_default/app.json`, `"svc"`, `"shop"`);
        assertLess(await seen(url, "<h1>My shop</h1>"), 1500);

        await Deno.writeTextFile(
          fresh,
          `export const get = () => {\n  return "x"\n`,
        );
        for (let i = 0; i < 300 && !/fresh\.ts:\d/.test(served.output); i++) {
          await sleep(10);
        }
        assertMatch(served.output, /fresh\.ts:[23]:\d+/);
        await Deno.writeTextFile(fresh, `export const get = () => "mended";\n`);
        assertLess(await seen(`${url}/fresh`, "mended"), 3000);
        await Deno.remove(fresh);
        assertLess(await seen(`${url}/fresh`, `"http_code":404`), 1500);

        await Deno.writeTextFile(
          `${cwd}/ctrl/broken.ts`,
          `export function get() {\n  throw new Error("a reason");\n}\n`,
        );
        await seen(`${url}/broken`, "a reason");
        const error = await (await fetch(`${url}/broken`)).json();
        assertEquals(error.source.line, 2);
        assert(error.stack.length > 0);

        await Deno.writeTextFile(`${cwd}/ctrl/slow.ts`, SLOW);
        await seen(`${url}/slow?ms=0`, "slow");
        const slow = fetch(`${url}/slow?ms=1200`);
        await sleep(200);
        const { code } = await served.stop("SIGINT", 10);
        assertEquals(await (await slow).text(), "slow");
        assertEquals(code, 0, served.output);
      });

      await t.step("without dev an error says its reqid alone", async () => {
        await using served = await startServed(["task", "start"], {
          cwd,
          env,
          timeout: 60,
        });
        const response = await fetch(`${served.url}/broken`);
        const error = await response.json();
        assertEquals(Object.keys(error), ["http_code", "reqid", "err"]);
        assertEquals(error.err, "Internal Server Error");
        assertStringIncludes(served.output, "a reason");
        assertStringIncludes(served.output, error.reqid);
        assertEquals((await served.stop("SIGTERM", 10)).code, 0);
      });

      await t.step(
        "dev ends when it is killed, with all below it",
        async () => {
          const served = await startServed(["task", "dev"], {
            cwd,
            env,
            timeout: 60,
          });
          // Resolves when nobody holds its output any more.
          assertEquals((await served.stop("SIGKILL", 10)).code, 137);
          await assertRejects(() => fetch(served.url));
        },
      );

      for (const task of ["start", "dev"]) {
        await t.step({
          name: `Ctrl-C in a terminal drains: ${task}`,
          ignore: !await hasScript(),
          fn: () => ctrlC(task, cwd, env),
        });
      }
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});

const SLOW = `export async function get({ ms }: { ms?: unknown }) {
  await new Promise((resolve) => setTimeout(resolve, Number(ms)));
  return "slow";
}
`;

/** Whether there is the program that gives another one a terminal. */
async function hasScript(): Promise<boolean> {
  try {
    const { stdout } = await new Deno.Command("script", { args: ["-V"] })
      .output();
    return new TextDecoder().decode(stdout).includes("util-linux");
  } catch {
    return false;
  }
}

/** Presses Ctrl-C while a request runs. */
async function ctrlC(
  task: string,
  cwd: string,
  env: Record<string, string>,
): Promise<void> {
  const child = new Deno.Command("script", {
    args: ["-qefc", `deno task ${task}`, "/dev/null"],
    cwd,
    env: { ...env, NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const keyboard = child.stdin.getWriter();
  await using served = new Served(child);
  try {
    await served.ready(60);
    const slow = fetch(`${served.url}/slow?ms=1200`);
    await sleep(200);
    await keyboard.write(new Uint8Array([3]));
    assertEquals(await (await slow).text(), "slow", served.output);
    for (let i = 0; i < 500; i++) {
      try {
        await (await fetch(served.url)).body?.cancel();
      } catch {
        return;
      }
      await sleep(10);
    }
    throw new Error(`still answers\n${served.output}`);
  } finally {
    await keyboard.close().catch(() => {});
  }
}

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
