import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createApp, folderTemplates, JsonLogger } from "@oresty/oresty";
import { needs } from "../permissions.ts";

const ignore = !needs("read", "write");

async function withTemplates(
  files: Record<string, string>,
  fn: (folder: string) => Promise<void>,
) {
  const folder = await Deno.makeTempDir({ prefix: "oresty-template-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeTextFile(path, text);
    }
    await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function test(name: string, fn: () => Promise<void>) {
  Deno.test({ name: `templates: ${name}`, ignore, fn });
}

const quiet = new JsonLogger({ write: () => {} });

test("layouts, parts, escaping", () =>
  withTemplates({
    "layout.html": `<title><%= it.title %></title><%~ it.body %>`,
    "page.html":
      `<% layout("layout.html", { title: "T" }) %><p title="<%= it.text %>"><%= it.text %></p><%~ include("part.html", it) %>`,
    "part.html": "<i><%~ it.raw %></i>",
    "admin/list.html": "list",
  }, async (folder) => {
    const app = createApp({ templates: folder, dev: false });
    const text = `<script>"'&`;
    app.get("/", () => [{ text, raw: "<b></b>" }, "page.html"]);
    app.get("/list", () => [null, "admin/list.html"]);
    const response = await app.request("/");
    assertEquals(
      response.headers.get("content-type"),
      "text/html; charset=utf-8",
    );
    const escaped = "&lt;script&gt;&quot;&#39;&amp;";
    assertEquals(
      await response.text(),
      `<title>T</title><p title="${escaped}">${escaped}</p><i><b></b></i>`,
    );
    assertEquals(await (await app.request("/list")).text(), "list");
  }));

test("a name that is no template is JSON, wherever it points", () =>
  withTemplates({ "a.html": "a", "inner/b.html": "b" }, async (folder) => {
    const app = createApp({ templates: `${folder}/inner`, dev: false });
    app.post("/", async (ctx) => {
      const name = await ctx.text();
      return [{}, name];
    });
    for (
      const name of [
        "../a.html",
        "/etc/passwd.html",
        "./../a.html",
        "..\\a.html",
        "a\0.html",
        "none.html",
        "%2e%2e/a.html",
        ".html",
      ]
    ) {
      const response = await app.request("/", { method: "POST", body: name });
      assertEquals(await response.json(), [{}, name], name);
    }
    const found = await app.request("/", { method: "POST", body: "b.html" });
    assertEquals(await found.text(), "b");
  }));

test("an array from a body is JSON even when it names a template", () =>
  withTemplates({ "a.html": "secret" }, async (folder) => {
    const app = createApp({ templates: folder, dev: false });
    app.post("/", (ctx) => ctx.json());
    app.post("/inner", async (ctx) => (await ctx.json<{ a: [] }>()).a);
    app.get("/query", (ctx) => ctx.queries("a"));
    const post = (path: string, body: string) =>
      app.request(path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
    assertEquals(
      await (await post("/", `[{}, "a.html"]`)).json(),
      [{}, "a.html"],
    );
    assertEquals(
      await (await post("/", `[{}, "a\\u002ehtml"]`)).json(),
      [{}, "a.html"],
    );
    assertEquals(
      await (await post("/inner", `{"a":[{},"a.html"]}`)).json(),
      [{}, "a.html"],
    );
    assertEquals(
      await (await app.request("/query?a=x&a=a.html")).json(),
      ["x", "a.html"],
    );
  }));

test("one that throws is 500, with its line in dev and nothing else before", () =>
  withTemplates({
    "bad.html": "line 1\nline 2 <%= it.user.name %>\n",
    "syntax.html": "<% if ( { %>",
  }, async (folder) => {
    for (const dev of [false, true]) {
      const app = createApp({ templates: folder, dev, log: quiet });
      app.get("/bad", () => [{}, "bad.html"]);
      app.get("/syntax", () => [{}, "syntax.html"]);
      app.get("/next", () => "next");
      for (const path of ["/bad", "/syntax"]) {
        const response = await app.request(path);
        assertEquals(response.status, 500);
        const body = await response.json();
        assertEquals(body.err, "Internal Server Error");
        assertEquals("message" in body, dev);
        if (dev && path === "/bad") {
          assertStringIncludes(body.message, "2");
          assertStringIncludes(body.message, "it.user.name");
        }
      }
      assertEquals(await (await app.request("/next")).text(), "next");
    }
  }));

test("a change is seen at once in dev, and not before a restart otherwise", () =>
  withTemplates({ "a.html": "1" }, async (folder) => {
    const [dev, production] = [true, false].map((dev) => {
      const app = createApp({ templates: folder, dev });
      app.get("/", () => [{}, "a.html"]);
      return app;
    });
    const read = async (app = dev) => await (await app!.request("/")).text();
    assertEquals([await read(), await read(production)], ["1", "1"]);
    await Deno.writeTextFile(`${folder}/a.html`, "2");
    assertEquals([await read(), await read(production)], ["2", "1"]);
  }));

test("view() renders what the handler is sure of", () =>
  withTemplates({ "a.html": "<%= it.x %>" }, async (folder) => {
    const app = createApp({ templates: folder, dev: false, log: quiet });
    app.get("/", (ctx) => ctx.view("a.html", { x: 1 }));
    app.get("/none", (ctx) => ctx.view("none.html"));
    assertEquals(await (await app.request("/")).text(), "1");
    assertEquals((await app.request("/none")).status, 500);
  }));

test("another extension", () =>
  withTemplates({ "a.eta": "eta", "b.html": "html" }, async (folder) => {
    const templates = folderTemplates(folder, { extension: ".eta" });
    const app = createApp({ templates, dev: false });
    app.get("/a", () => [{}, "a.eta"]);
    app.get("/b", () => [{}, "b.html"]);
    assertEquals(await (await app.request("/a")).text(), "eta");
    assertEquals(await (await app.request("/b")).json(), [{}, "b.html"]);
    assertThrows(
      () => folderTemplates(folder, { extension: "html" }),
      TypeError,
      `".html"`,
    );
  }));
