import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runDeno } from "../deno_child.ts";
import { needs } from "../permissions.ts";
import { startServed } from "../served.ts";
import { repository } from "../workspace.ts";

const ignore = !needs("run", "net", "read");
const FLAGS = [
  "--allow-net=127.0.0.1",
  "--allow-read=.",
  "--allow-env=PORT,HOST,ORESTY_ENV",
];

/** The demo on a free port, with the flags of the README. */
function startDemo() {
  return startServed(["run", "--no-prompt", ...FLAGS, "examples/server.ts"], {
    cwd: repository,
    env: { PORT: "0", ORESTY_ENV: "" },
    timeout: 30,
  });
}

Deno.test({
  name: "demo: every link of its page answers",
  ignore,
  async fn() {
    await using demo = await startDemo();
    const page = await (await fetch(demo.url)).text();
    assertStringIncludes(page, Deno.version.deno);
    const links = [...page.matchAll(/(?:href|src)="(\/[^"]*)"/g)]
      .map(([, path]) => path!);
    assert(links.length > 8, page);
    const failing: Record<string, number> = { "/teapot": 418, "/error": 500 };
    for (const path of links) {
      const response = await fetch(demo.url + path);
      await response.body?.cancel();
      assertEquals(response.status, failing[path] ?? 200, path);
    }
    // Every route that the program has stands on the page.
    for (const pattern of ["/users/:id", "/files/*path", "/echo", "/readyz"]) {
      assertStringIncludes(page, `<code>${pattern}</code>`);
    }
    const { code } = await demo.stop("SIGTERM", 5);
    assertEquals(code, 0);
  },
});

Deno.test({
  name: "demo: its examples do what they say",
  ignore,
  async fn() {
    await using demo = await startDemo();
    const get = async (path: string, init?: RequestInit) => {
      const response = await fetch(demo.url + path, init);
      return { status: response.status, text: await response.text() };
    };
    assertEquals((await get("/add/20/22")).text, `{"sum":42}`);
    assertEquals((await get("/add/x/22")).status, 404);
    assertEquals(
      (await get("/config")).text,
      `{"app":{"greeting":"Hello, 你好","cache":104857600,"cookies":"[secret]"}}`,
    );
    assertEquals((await get("/hello/Ada")).text, `{"hello":"Ada"}`);
    assertStringIncludes((await get("/text")).text, "文本");
    assertStringIncludes((await get("/mounted/a/b")).text, "sees /a/b");
    assertEquals(
      (await get("/stream")).text,
      "line 1\nline 2\nline 3\nline 4\nline 5\n",
    );
    const comment = (text: string) =>
      get("/comments", {
        method: "POST",
        body: new URLSearchParams({ name: "Ada", text }),
      });
    assertEquals((await comment("Hello")).status, 201);
    const refused = await comment("x");
    assertEquals(refused.status, 422);
    assertEquals(JSON.parse(refused.text).issues[0].path, ["body", "text"]);

    assertEquals((await get("/users/9", { method: "PUT" })).status, 422);
    await get("/users/9?name=Eve", { method: "PUT" });
    assertEquals((await get("/users/9")).text, `{"id":"9","name":"Eve"}`);
    assertEquals((await get("/users/9", { method: "DELETE" })).status, 204);
    assertEquals((await get("/users/9")).status, 404);

    const first = await fetch(`${demo.url}/counter`);
    assertEquals(await first.json(), { seen: 1 });
    const cookie = first.headers.get("set-cookie")!.split(";")[0]!;
    const again = await get("/counter", { headers: { cookie } });
    assertEquals(again.text, `{"seen":2}`);
    const forged = cookie.replace("seen=1", "seen=9");
    const fresh = await get("/counter", { headers: { cookie: forged } });
    assertEquals(fresh.text, `{"seen":1}`);

    const cached = JSON.parse((await get("/cached")).text);
    assertEquals([cached.hitLevel, cached.source], [3, "loader"]);
    const kept = JSON.parse((await get("/cached")).text);
    assertEquals([kept.hitLevel, kept.value], [1, cached.value]);
    assertEquals((await get("/cached", { method: "DELETE" })).status, 204);
    assertEquals(JSON.parse((await get("/cached")).text).hitLevel, 3);

    const { text } = await get("/error");
    assert(!text.includes("must not read"), text);
  },
});

Deno.test({
  name: "demo: without flags it says the command and ends with 78",
  ignore,
  async fn() {
    const { code, stderr } = await runDeno(
      ["run", "--no-prompt", "examples/server.ts"],
      { cwd: repository, timeout: 30 },
    );
    assertEquals(code, 78);
    assertStringIncludes(
      stderr,
      `deno run ${FLAGS.join(" ")} examples/server.ts`,
    );
    assert(!stderr.includes("    at "), "a stack trace is no help");
  },
});

Deno.test({
  name: "demo: deno serve takes the app as it stands",
  ignore,
  async fn() {
    await using served = await startServed(
      ["serve", "-A", "--host=127.0.0.1", "--port=0", "examples/app.ts"],
      { cwd: repository, timeout: 30 },
    );
    const response = await fetch(`${served.url}/hello/Ada`);
    assertEquals(await response.json(), { hello: "Ada" });
    assertEquals((await served.stop("SIGTERM", 5)).code, 0);
  },
});
