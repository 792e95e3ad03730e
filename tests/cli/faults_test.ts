import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "@oresty/cli";
import { needs } from "../permissions.ts";

const ignore = !needs("read", "write", "net", "env");

/** Runs commands in a folder of their own, one after the other. */
async function inFolder(
  fn: (
    run: (...args: string[]) => Promise<[code: number, text: string]>,
    cwd: string,
  ) => Promise<void>,
  name = "",
): Promise<void> {
  const root = await Deno.realPath(
    await Deno.makeTempDir({ prefix: "oresty-cli-" }),
  );
  const cwd = root + name;
  await Deno.mkdir(cwd, { recursive: true });
  try {
    await fn(async (...args) => {
      const lines: string[] = [];
      const code = await main(args, { cwd, print: (line) => lines.push(line) });
      return [code, lines.join("\n")];
    }, cwd);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function test(name: string, fn: () => Promise<void>) {
  Deno.test({ name: `oresty: ${name}`, ignore, fn });
}

test("help as a word, of everything and of one command", () =>
  inFolder(async (run) => {
    const all = await run("--help");
    assertEquals(all[0], 0);
    assertEquals(await run("help"), all);
    assertEquals(await run("-h"), all);
    const one = await run("new", "--help");
    assertStringIncludes(one[1], "Usage: oresty new <dir>");
    assertEquals(await run("help", "new"), one);
    assertEquals(await run("new", "-h"), one);
    assertEquals((await run("help", "nwe"))[0], 2);
  }));

test("names and words that are wrong", () =>
  inFolder(async (run) => {
    for (
      const [args, words] of [
        [["hlep"], `did you mean "help"?`],
        [["--verison"], `did you mean "--version"?`],
        [["chek-env"], `did you mean "check-env"?`],
        [["dev", "x"], `with 1 word: expected oresty dev`],
        [["start", "--evn"], `did you mean "--env"?`],
        [["new", ""], `Cannot make "": expected the name of a folder`],
        [["new", "a\0b"], `expected the name of a folder`],
      ] as const
    ) {
      const [code, text] = await run(...args);
      assertEquals(code, 2, text);
      assertStringIncludes(text, words);
    }
  }));

test("what is wrong goes where errors go", async () => {
  const out: string[] = [];
  const err: string[] = [];
  const at = {
    cwd: "/",
    print: (line: string) => out.push(line),
    printError: (line: string) => err.push(line),
  };
  assertEquals(await main(["strat"], at), 2);
  assertEquals([out.length, err.length], [0, 1]);
  assertEquals(await main([], at), 2);
  assertEquals(out.length, 0);
  assertEquals(await main(["--help"], at), 0);
  assert(out.length > 0);
});

test("new in this folder, deep below, and with odd names", () =>
  inFolder(async (run, cwd) => {
    const name = async (folder: string) =>
      JSON.parse(
        await Deno.readTextFile(`${cwd}/${folder}/config_default/app.json`),
      ).name;
    for (
      const [given, folder, expected, shown] of [
        ["a/b/c", "a/b/c", "c", "  cd a/b/c"],
        ["d/", "d", "d", "  cd d/"],
        ["ü b #1%", "ü b #1%", "ü b #1%", "  cd 'ü b #1%'"],
        [`it's "x"`, `it's "x"`, `it's "x"`, `  cd 'it'\\''s "x"'`],
      ] as const
    ) {
      const [code, text] = await run("new", given);
      assertEquals(code, 0, text);
      assertStringIncludes(text, shown);
      assertEquals(await name(folder), expected);
    }
    await Deno.mkdir(`${cwd}/here`);
    const lines: string[] = [];
    assertEquals(
      await main(["new", "."], {
        cwd: `${cwd}/here`,
        print: (line) => lines.push(line),
      }),
      0,
    );
    assertEquals(await name("here"), "here");
    assert(!lines.join("\n").includes("cd "));
  }));

test("new says what is in its way, and no more", () =>
  inFolder(async (run, cwd) => {
    await Deno.writeTextFile(`${cwd}/file`, "mine");
    await Deno.symlink("nowhere", `${cwd}/dangling`);
    for (
      const [name, code, words] of [
        ["file", 2, "it is a file"],
        ["file/x", 2, "a file is in its way"],
        ["dangling", 1, `Cannot make "dangling": `],
        ["x".repeat(300), 1, `Cannot make "xxx`],
        ["/proc/oresty-new", 1, `Cannot make "/proc/oresty-new": `],
      ] as const
    ) {
      const [found, text] = await run("new", name);
      assertEquals(found, code, text);
      assertStringIncludes(text, words);
      assert(!text.includes("\n"), text);
    }
    assertEquals(await Deno.readTextFile(`${cwd}/file`), "mine");
    const [code, text] = await run("new", "a", "--link", cwd);
    assertEquals(code, 2);
    assertStringIncludes(text, "it is no checkout of Oresty");
  }));

test("routes of a folder with an odd name", () =>
  inFolder(async (run, cwd) => {
    await Deno.writeTextFile(
      `${cwd}/app.ts`,
      `export default { routes: () => [{ method: "GET", pattern: "/x" }] };`,
    );
    assertEquals(await run("routes"), [
      0,
      "METHOD  PATTERN  NAME  SOURCE\nGET     /x       -     -",
    ]);
    assertEquals(await run("routes", "--json"), [
      0,
      `[{"method":"GET","pattern":"/x"}]`,
    ]);
  }, "/a b#c%20?ü"));

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

async function project(cwd: string): Promise<void> {
  for (const name of ["ctrl", "template", "config_dev", "config_prod"]) {
    await Deno.mkdir(`${cwd}/${name}`);
  }
}

test("check-env names the nearest environment, and links nothing", () =>
  inFolder(async (run, cwd) => {
    await project(cwd);
    const [code, text] = await run("check-env", "prd", "--port", "0");
    assertEquals(code, 1);
    assertStringIncludes(
      text,
      `FAIL  folder config_prd is missing, did you mean "config_prod"?`,
    );
    const names = await namesIn(cwd);
    assert(!names.some((name) => /^config(\.|$)/.test(name)), names.join());
  }));

test("check-env looks at the port that the service will take", () =>
  inFolder(async (run, cwd) => {
    await project(cwd);
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    try {
      const { port } = listener.addr;
      await Deno.writeTextFile(
        `${cwd}/config_prod/app.json`,
        JSON.stringify({ port }),
      );
      const [code, text] = await run("check-env", "prod");
      assertEquals(code, 1, text);
      assertStringIncludes(text, `FAIL  port ${port} is in use`);
      await Deno.writeTextFile(`${cwd}/.env`, "PORT=eighty\n");
      const [, wrong] = await run("check-env", "prod");
      assertStringIncludes(
        wrong,
        `FAIL  port "eighty" is none, expected 0 to 65535`,
      );
    } finally {
      listener.close();
    }
  }));

test("check-env says a line each, also of a configuration that is wrong", () =>
  inFolder(async (run, cwd) => {
    await project(cwd);
    await Deno.writeTextFile(`${cwd}/config_dev/a.json`, "{");
    await Deno.writeTextFile(`${cwd}/config_dev/b.json`, "[]");
    const [code, text] = await run("check-env", "dev");
    assertEquals(code, 1);
    const lines = text.split("\n");
    assert(lines.every((line) => /^(?:ok {4}|FAIL {2})\S/.test(line)), text);
    assertEquals(
      lines.at(-1),
      "FAIL  Cannot use the configuration: 2 problems; config_dev/a.json: " +
        "is malformed, line 1; config_dev/b.json: expected an object",
    );
  }));

test("check-env twice, and links that lead elsewhere or to themselves", () =>
  inFolder(async (run, cwd) => {
    await project(cwd);
    for (const target of ["config", "nowhere", "./config_dev/", "/etc"]) {
      await Deno.remove(`${cwd}/config`).catch(() => {});
      await Deno.symlink(target, `${cwd}/config`);
      for (let i = 0; i < 2; i++) {
        const [code, text] = await run("check-env", "dev", "--port", "0");
        assertEquals(code, 0, text);
        assertEquals(await Deno.readLink(`${cwd}/config`), "config_dev");
      }
    }
    assertEquals(await namesIn(`${cwd}/config_dev`), []);
  }));
