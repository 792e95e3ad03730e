import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { createApp } from "@oresty/oresty";
import { needs } from "../permissions.ts";

const ignore = !needs("read", "write");

/** Writes controllers into a folder of their own, and loads them. */
async function load(files: Record<string, string>) {
  const folder = await Deno.makeTempDir({ prefix: "oresty-ctrl-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = `${folder}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeTextFile(path, text);
    }
    const app = createApp({ health: false, dev: false });
    return await app.controllers(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const GET = "export const get = (params) => ({ ...params });";

function test(name: string, fn: () => Promise<void>) {
  Deno.test({ name: `controllers: ${name}`, ignore, fn });
}

test("files are routes", async () => {
  const app = await load({
    "index.ts": `export const get = () => "index";`,
    "about.ts": `export const get = () => "about";`,
    "users/index.ts": `export const get = () => "users";`,
    "users/[id].ts": GET,
    "users/[id]/posts/[post].ts": GET,
    "files/[...path].ts": GET,
    "_private.ts": GET,
    "_folder/x.ts": GET,
    ".hidden.ts": GET,
    "about_test.ts": "throw new Error('a test was loaded');",
    "notes.md": "# no code",
  });
  const cases: [string, string][] = [
    ["/", "index"],
    ["/about", "about"],
    ["/users", "users"],
    ["/users/7", `{"id":"7"}`],
    ["/users/7/posts/a%20b", `{"id":"7","post":"a b"}`],
    ["/files/a/b.txt", `{"path":"a/b.txt"}`],
  ];
  for (const [path, text] of cases) {
    assertEquals(await (await app.request(path)).text(), text, path);
  }
  for (const path of ["/_private", "/private", "/_folder/x", "/.hidden"]) {
    assertEquals((await app.request(path)).status, 404, path);
  }
  assertEquals(
    app.routes().find(({ pattern }) => pattern === "/users/:id")?.source,
    "users/[id].ts",
  );
});

test("home.ts is / where nothing else is", async () => {
  const home = { "home.ts": `export const get = () => "home";` };
  const app = await load(home);
  assertEquals(await (await app.request("/")).text(), "home");
  assertEquals(await (await app.request("/home")).text(), "home");
  const both = await load({
    ...home,
    "index.ts": `export const get = () => "index";`,
  });
  assertEquals(await (await both.request("/")).text(), "index");
});

test("every method, and delete by two names", async () => {
  const methods = ["get", "post", "put", "patch", "options", "head", "del"];
  const app = await load({
    "a.ts": methods.map((name) =>
      `export const ${name} = (_, ctx) => { ctx.header("x-by", "${name}"); return null; };`
    ).join("\n"),
    "b.ts": `function del() { return "gone"; }\nexport { del as delete };`,
  });
  for (const name of methods) {
    const method = name === "del" ? "DELETE" : name.toUpperCase();
    const response = await app.request("/a", { method });
    assertEquals(response.headers.get("x-by"), name);
  }
  const response = await app.request("/b", { method: "DELETE" });
  assertEquals(await response.text(), "gone");
});

test("nothing but method functions can be reached", async () => {
  const app = await load({
    "a.ts": `export const get = () => "get";
export const get2 = () => "shell";
export const constructor = () => "constructor";
export default () => "default";
export const post = "no function";`,
  });
  for (const method of ["get2", "GET2", "constructor", "default", "POST"]) {
    assertEquals((await app.request("/a", { method })).status, 405, method);
  }
  const response = await app.request("/a?method=get2&r=b");
  assertEquals(await response.text(), "get");
});

test("a controller without a method function is told the nearest name", async () => {
  const cases = [
    ["export const gets = () => 1;", 'is "gets" meant as "get"?'],
    ["export const get = 5;", "no function named"],
  ] as const;
  for (const [code, message] of cases) {
    const error = await assertRejects(() => load({ "a.ts": code })) as Error;
    assert(error.message.includes(message), error.message);
    assert(!error.message.includes('"get" meant as "get"'), error.message);
  }
});

test("params are query, then body, then path", async () => {
  const app = await load({
    "users/[id].ts":
      "export const post = (params) => ({ ...params, keys: Object.keys(params), polluted: {}.admin ?? null });",
  });
  const response = await app.request("/users/path?id=query&a=query&b=query", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"id":"body","a":"body","__proto__":{"admin":true}}`,
  });
  const { id, a, b, keys, polluted } = await response.json();
  assertEquals([id, a, b, polluted], ["path", "body", "query", null]);
  assert(keys.includes("__proto__"));
});

test("a form with a charset is read, a bad body is 400", async () => {
  const app = await load({ "a.ts": "export const post = (p) => p.x;" });
  const form = await app.request("/a", {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
    },
    body: "x=%E4%B8%AD",
  });
  assertEquals(await form.text(), "中");
  const bad = await app.request("/a", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{",
  });
  assertEquals(bad.status, 400);
});

test("a controller without a promise makes none", async () => {
  const app = await load({ "a.ts": `export const get = () => "a";` });
  const answer = app.fetch(new Request("http://localhost/a"));
  assert(answer instanceof Response);
});

const REFUSED: [
  name: string,
  files: Record<string, string>,
  words: string[],
][] = [
  [
    "two names of one parameter",
    { "users/[id].ts": GET, "users/[name].ts": GET },
    ["users/[id].ts", "users/[name].ts"],
  ],
  [
    "a file and a folder",
    { "a.ts": GET, "a/index.ts": GET },
    ["a.ts", "a/index.ts"],
  ],
  ["two extensions", { "a.ts": GET, "a.js": GET }, ["a.ts", "a.js"]],
  [
    "no method",
    { "a.ts": "export const Get = () => 1;" },
    ["a.ts", `"get"`],
  ],
  [
    "del and delete",
    {
      "a.ts": "export const del = () => 1;\nexport { del as delete };",
    },
    ["a.ts", "del"],
  ],
  ["a rest in the middle", { "[...a]/b.ts": GET }, ["[...a]"]],
  ["a bracket left open", { "[id.ts": GET }, ["[id"]],
  ["a syntax error", { "a.ts": "export const get = (" }, ["a.ts"]],
  ["an error at import", { "a.ts": "throw new Error('boom')" }, ["boom"]],
];

for (const [name, files, words] of REFUSED) {
  test(`${name} is an error that says so`, async () => {
    const error = await assertRejects(() => load(files), Error);
    for (const word of words) assertStringIncludes(String(error), word);
  });
}

test("a folder that is missing or not local", async () => {
  const app = createApp();
  await assertRejects(
    () => app.controllers("/nowhere/ctrl"),
    Deno.errors.NotFound,
    `no folder "/nowhere/ctrl/"`,
  );
  await assertRejects(
    () => app.controllers(new URL("https://example.com/ctrl/")),
    TypeError,
    "local folder",
  );
  assertThrows(
    () => createApp({ templates: "https://example.com/" }),
    TypeError,
    "local folder",
  );
});

test("names with spaces, colons, dots and Chinese", async () => {
  const app = await load({
    "中文.ts": `export const get = () => "zh";`,
    "a b.ts": `export const get = () => "space";`,
    "a:b.ts": `export const get = () => "colon";`,
    "v1.2/[id].json.ts": GET,
  });
  const cases: [string, string][] = [
    ["/%E4%B8%AD%E6%96%87", "zh"],
    ["/a%20b", "space"],
    ["/a:b", "colon"],
    ["/v1.2/7.json", `{"id":"7"}`],
  ];
  for (const [path, text] of cases) {
    assertEquals(await (await app.request(path)).text(), text, path);
  }
});
