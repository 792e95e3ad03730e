import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { main } from "@oresty/cli";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { repository } from "../workspace.ts";

const ignore = !needs("read", "write", "net", "env", "run");

/** Runs a command in a folder of its own. */
async function oresty(
  args: string[],
  prepare: (cwd: string) => Promise<void> = () => Promise.resolve(),
): Promise<{ code: number; lines: string[]; files: string[] }> {
  const cwd = await Deno.makeTempDir({ prefix: "oresty-cli-" });
  try {
    await prepare(cwd);
    const lines: string[] = [];
    const code = await main(args, { cwd, print: (line) => lines.push(line) });
    const files: string[] = [];
    for await (const { name, isSymlink } of Deno.readDir(cwd)) {
      files.push(
        isSymlink
          ? `${name} -> ${await Deno.readLink(`${cwd}/${name}`)}`
          : name,
      );
    }
    return { code, lines, files: files.sort() };
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

function test(name: string, fn: () => Promise<void>) {
  Deno.test({ name: `oresty: ${name}`, ignore, fn });
}

const WRONG: [args: string[], words: string][] = [
  [["strat"], `Cannot run "strat": no such command, did you mean "start"?`],
  [["zzzzzz"], `"oresty --help" lists them`],
  [["routes", "--jsno"], `did you mean "--json"?`],
  [["new"], "expected oresty new <dir>"],
  [["new", "a", "b"], "expected oresty new <dir>"],
  [["check-env", "../prod"], `environment "../prod"`],
  [["check-env", "--port", "x"], `port "x"`],
  [["check-env", "--port", "70000"], `port "70000"`],
  [["new", "a", "--link"], `Cannot run "new"`],
  [["new", "a", "--link", "nowhere"], `Cannot link "nowhere"`],
  [["start"], "it has no server.ts"],
  [["dev"], "it has no server.ts"],
  [["routes"], "it has no app.ts"],
];

for (const [args, words] of WRONG) {
  test(`${args.join(" ")} is wrong use`, async () => {
    const { code, lines } = await oresty(args);
    assertEquals(code, 2);
    assertStringIncludes(lines.join("\n"), words);
  });
}

test("help is everywhere", async () => {
  const all = await oresty(["--help"]);
  assertEquals(all.code, 0);
  assertEquals((await oresty([])).code, 2);
  for (const name of ["new", "dev", "start", "routes", "check-env"]) {
    assertStringIncludes(all.lines.join("\n"), `  ${name}`);
    const one = await oresty([name, "--help"]);
    assertEquals(one.code, 0);
    assertStringIncludes(one.lines[0]!, `Usage: oresty ${name}`);
    assertStringIncludes(one.lines.join("\n"), "--help");
  }
});

test("new refuses a folder that is not empty, and a file", async () => {
  const full = await oresty(["new", "a"], async (cwd) => {
    await Deno.mkdir(`${cwd}/a`);
    await Deno.writeTextFile(`${cwd}/a/mine.txt`, "mine");
  });
  assertEquals([full.code, full.lines], [
    2,
    [`Cannot make "a": the folder is there and not empty`],
  ]);
  const file = await oresty(
    ["new", "a"],
    (cwd) => Deno.writeTextFile(`${cwd}/a`, ""),
  );
  assertEquals(file.code, 2);
  assertStringIncludes(file.lines[0]!, "it is a file");
  const empty = await oresty(["new", "a"], (cwd) => Deno.mkdir(`${cwd}/a`));
  assertEquals(empty.code, 0);
});

async function project(cwd: string): Promise<void> {
  for (const name of ["ctrl", "template", "config_dev", "config_prod"]) {
    await Deno.mkdir(`${cwd}/${name}`);
  }
}

test("check-env links without nesting, and again to another", async () => {
  const args = ["check-env", "dev", "--port", "0"];
  const fresh = await oresty(args, project);
  assertEquals(fresh.code, 0, fresh.lines.join("\n"));
  assert(fresh.files.includes("config -> config_dev"));
  const again = await oresty(args, async (cwd) => {
    await project(cwd);
    await Deno.symlink("config_prod", `${cwd}/config`);
  });
  assertEquals(again.code, 0);
  assertStringIncludes(again.lines.join("\n"), "(was config_prod)");
  assert(again.files.includes("config -> config_dev"));
  assert(!again.files.some((name) => name.startsWith("config.")));
});

test("check-env says what is missing, a line each, and fails", async () => {
  const none = await oresty(["check-env", "dev", "--port", "0"]);
  assertEquals(none.code, 1);
  assertEquals(none.lines.filter((line) => line.startsWith("FAIL")), [
    "FAIL  folder ctrl is missing",
    "FAIL  folder template is missing",
    "FAIL  folder config_dev is missing",
    "FAIL  config cannot be linked: config_dev is missing",
  ]);
  const own = await oresty(["check-env", "dev", "--port", "0"], async (cwd) => {
    await project(cwd);
    await Deno.mkdir(`${cwd}/config`);
  });
  assertEquals(own.code, 1);
  assertStringIncludes(own.lines.join("\n"), "FAIL  config is no link");
});

test("check-env sees a port in use", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const port = String(listener.addr.port);
    const { code, lines } = await oresty(["check-env", "-p", port], project);
    assertEquals(code, 1);
    assertStringIncludes(
      lines.join("\n"),
      `FAIL  port ${port} is in use by another program`,
    );
  } finally {
    listener.close();
  }
});

test("without permissions it says which one is missing", async () => {
  const { code, stdout } = await runDeno(
    ["run", "--no-prompt", "cli/mod.ts", "new", "/nowhere/app"],
    { cwd: repository, timeout: 20 },
  ).then((result) => ({ ...result, stdout: result.stdout + result.stderr }));
  assertEquals(code, 1);
  assertStringIncludes(stdout, "read access");
});
