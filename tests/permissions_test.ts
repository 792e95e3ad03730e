import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { type ChildResult, runDeno } from "./deno_child.ts";
import { needs } from "./permissions.ts";

const ignore = !needs("run", "read", "write");
const NOTE = "ignored: tests that need --allow-run --allow-net";

/** Runs a file with a free test and two that need permissions. */
async function runTests(
  flags: string[],
  strict: "" | "1",
): Promise<ChildResult> {
  const cwd = await Deno.makeTempDir({ prefix: "oresty_permissions_" });
  try {
    const needed = JSON.stringify(import.meta.resolve("./permissions.ts"));
    await Deno.writeTextFile(
      join(cwd, "some_test.ts"),
      `import { needs } from ${needed};
Deno.test("free", () => {});
Deno.test({ name: "a", ignore: !needs("run", "net"), fn() {} });
Deno.test({ name: "b", ignore: !needs("net"), fn() {} });
`,
    );
    return await runDeno(["test", "--no-prompt", ...flags], {
      cwd,
      env: { ORESTY_CI: strict },
      timeout: 30,
    });
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

Deno.test({
  name: "permissions: tests without theirs are ignored, said in one line",
  ignore,
  async fn() {
    for (const [flags, strict] of [[[], "1"], [["--allow-env"], ""]] as const) {
      const { code, stdout } = await runTests([...flags], strict);
      assertEquals(code, 0, stdout);
      assertStringIncludes(stdout, "1 passed | 0 failed | 2 ignored");
      assertEquals(stdout.split(NOTE).length, 2, stdout);
    }
  },
});

Deno.test({
  name: "permissions: with ORESTY_CI=1 a missing one fails the run",
  ignore,
  async fn() {
    const { code, stdout } = await runTests(["--allow-env"], "1");
    assertEquals(code, 1);
    assertStringIncludes(stdout, "expected --allow-run --allow-net");
  },
});

Deno.test({
  name: "permissions: with all of them nothing is ignored or said",
  ignore,
  async fn() {
    const flags = ["--allow-env", "--allow-run", "--allow-net"];
    const { code, stdout } = await runTests(flags, "1");
    assertEquals(code, 0, stdout);
    assertStringIncludes(stdout, "3 passed | 0 failed (");
    assertEquals(stdout.includes("ignored"), false, stdout);
  },
});
