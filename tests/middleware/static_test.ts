import { assert, assertEquals, assertThrows } from "@std/assert";
import { staticFiles } from "@oresty/router/static";
import { needs } from "../permissions.ts";
import { rawRequest } from "../raw_http.ts";
import { ask } from "./ask.ts";
import { canWrite, DIGITS, served, test, withFolder } from "./static_folder.ts";

test("files have a type, a tag and a time", async (root) => {
  const router = served({ root, prefix: "/files", maxAge: "1h" });
  const { status, headers, text } = await ask(router, "/files/digits.txt");
  assertEquals([status, text], [200, DIGITS]);
  const modified = (await Deno.stat(`${root}/digits.txt`)).mtime!;
  assert(/^"[a-z0-9]+-a"$/.test(headers.get("etag")!), headers.get("etag")!);
  assertEquals(
    Object.fromEntries([...headers].filter(([name]) => name !== "etag")),
    {
      "accept-ranges": "bytes",
      "cache-control": "public, max-age=3600",
      "content-length": "10",
      "content-type": "text/plain; charset=utf-8",
      "last-modified": modified.toUTCString(),
      "x-content-type-options": "nosniff",
    },
  );
  const types: [string, string][] = [
    ["app.js", "text/javascript; charset=utf-8"],
    ["app.js.br", "application/octet-stream"],
    ["index.html", "text/html; charset=utf-8"],
    ["%C3%A4.txt", "text/plain; charset=utf-8"],
    ["a%20b%252f.txt", "text/plain; charset=utf-8"],
  ];
  for (const [name, type] of types) {
    const answer = await ask(router, `/files/${name}`);
    assertEquals(answer.headers.get("content-type"), type, name);
  }
  const head = await ask(router, "/files/digits.txt", {}, { method: "HEAD" });
  assertEquals([head.text, head.headers.get("content-length")], ["", "10"]);
  assertEquals((await ask(router, "/files/none.txt")).text, "");
});

test("a folder is its index, below a slash", async (root) => {
  const router = served({ root });
  assertEquals((await ask(router, "/")).text, "home");
  assertEquals((await ask(router, "/docs/")).text, "docs");
  const moved = await ask(router, "/docs?a=1");
  assertEquals([moved.status, moved.headers.get("location")], [
    301,
    "/docs/?a=1",
  ]);
  for (const path of ["/empty", "/empty/", "/digits.txt/", "/docs//"]) {
    assertEquals((await ask(router, path)).status, 404, path);
  }
  const without = served({ root, index: false });
  assertEquals((await ask(without, "/docs/")).status, 404);
});

test("no path leads out of the folder, or to what is no file", async (root) => {
  const router = served({ root, prefix: "/f" });
  router.get("/f/later", () => "route");
  const paths = [
    "/f/../secret.txt",
    "/f/..%2fsecret.txt",
    "/f/..%2Fsecret.txt",
    "/f/%2e%2e/secret.txt",
    "/f/%2e%2e%2fsecret.txt",
    "/f/.%2e/secret.txt",
    "/f/..%5csecret.txt",
    "/f/..%255c..%255csecret.txt",
    "/f/%252e%252e/secret.txt",
    "/f/docs/../../secret.txt",
    "/f/docs/..%2f..%2fsecret.txt",
    "/f//secret.txt",
    "/f/%2fetc%2fpasswd",
    "/f//etc/passwd",
    "/f/%c0%ae%c0%ae/secret.txt",
    "/f/..%00/secret.txt",
    "/f/digits.txt%00",
    "/f/digits.txt%00.html",
    "/f/%00",
    "/f/digits.txt%0a",
    "/f/digits.txt.",
    "/f/digits.txt%20",
    "/f/digits.txt::$DATA",
    "/f/con",
    "/f/CON.txt",
    "/f/nul",
    "/f/aux.html",
    "/f/com1",
    "/f/LPT9.log",
    "/f/prn%20.txt",
    "/f/C:/Windows/win.ini",
    "/f/C:%5cWindows%5cwin.ini",
    "/f/.env",
    "/f/%2eenv",
    "/f/%",
    "/f/%zz",
    "/f-other/x.txt",
    "/f../secret.txt",
    `/f/${"a".repeat(300)}`,
    `/f/${"a/".repeat(3000)}`,
  ];
  for (const path of paths) {
    const answer = await ask(router, path);
    // 400 is the router's word on what is no percent-encoding of UTF-8.
    const isMalformed = /%(?:c0|zz|$)/.test(path);
    assertEquals(answer.status, isMalformed ? 400 : 404, path);
    assert(!answer.text.includes("secret\n") && answer.text !== "secret", path);
  }
  assertEquals((await ask(router, "/f/later")).text, "route");
  assertEquals(
    (await ask(router, "/f/.well-known/security.txt")).text,
    "known",
  );
  const dotted = served({ root, dotfiles: true });
  assertEquals((await ask(dotted, "/.env")).text, "secret");
});

Deno.test("a raw request line leads nowhere either", {
  ignore: !canWrite || !needs("net"),
}, () =>
  withFolder(async (root) => {
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      served({ root, prefix: "/f" }).fetch,
    );
    try {
      for (
        const target of [
          "/f/../secret.txt",
          "/f/..\\secret.txt",
          "/f/%2e./secret.txt",
        ]
      ) {
        const answer = await rawRequest(
          server.addr.port,
          `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
        );
        assert(!String(answer).includes("\r\n\r\nsecret"), target);
      }
    } finally {
      await server.shutdown();
    }
  }));

test("links are refused, wherever they are on the way", async (root) => {
  await Deno.symlink("../secret.txt", `${root}/link.txt`);
  await Deno.symlink("digits.txt", `${root}/inner.txt`);
  await Deno.symlink("../public-other", `${root}/linked`);
  await Deno.symlink("docs", `${root}/docs2`);
  await Deno.symlink("loop", `${root}/loop`);
  const router = served({ root });
  const paths = [
    "/link.txt",
    "/inner.txt",
    "/linked/x.txt",
    "/docs2/",
    "/loop",
  ];
  for (const path of paths) {
    assertEquals((await ask(router, path)).status, 404, path);
  }
  const open = served({ root, symlinks: true });
  assertEquals((await ask(open, "/inner.txt")).text, DIGITS);
  assertEquals((await ask(open, "/linked/x.txt")).text, "secret");
  assertEquals((await ask(open, "/loop")).status, 404);
});

Deno.test(
  "a root that is a link itself serves",
  { ignore: !canWrite },
  () =>
    withFolder(async (root) => {
      await Deno.symlink(root, `${root}-current`);
      const router = served({ root: `${root}-current` });
      assertEquals((await ask(router, "/digits.txt")).text, DIGITS);
    }),
);

Deno.test("a pipe keeps nobody waiting", {
  ignore: !canWrite || !needs("run") || Deno.build.os === "windows",
}, () =>
  withFolder(async (root) => {
    await new Deno.Command("mkfifo", { args: [`${root}/pipe`] }).output();
    assertEquals((await ask(served({ root }), "/pipe")).status, 404);
  }));

test("conditions are looked at in their order", async (root) => {
  const router = served({ root });
  const { headers } = await ask(router, "/digits.txt");
  const etag = headers.get("etag")!;
  const modified = headers.get("last-modified")!;
  const before = new Date(Date.parse(modified) - 60_000).toUTCString();
  const later = new Date(Date.parse(modified) + 60_000).toUTCString();
  const cases: [Record<string, string>, status: number][] = [
    [{ "if-none-match": etag }, 304],
    [{ "if-none-match": `W/${etag}` }, 304],
    [{ "if-none-match": `"x", ${etag}` }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": `"x"` }, 200],
    [{ "if-none-match": `"x"`, "if-modified-since": later }, 200],
    [{ "if-modified-since": modified }, 304],
    [{ "if-modified-since": later }, 304],
    [{ "if-modified-since": before }, 200],
    [{ "if-modified-since": "yesterday" }, 200],
    [{ "if-modified-since": "1" }, 200],
    [{ "if-match": etag }, 200],
    [{ "if-match": `W/${etag}` }, 412],
    [{ "if-match": `"x"` }, 412],
    [{ "if-match": "*" }, 200],
    [{ "if-unmodified-since": before }, 412],
    [{ "if-unmodified-since": modified }, 200],
    [{ "if-match": etag, "if-unmodified-since": before }, 200],
    [{ "if-match": `"x"`, "if-none-match": etag }, 412],
    [{ "if-none-match": etag, range: "bytes=0-1" }, 304],
  ];
  for (const [condition, status] of cases) {
    const answer = await ask(router, "/digits.txt", condition);
    assertEquals(answer.status, status, JSON.stringify(condition));
    assertEquals(answer.text, status === 200 ? DIGITS : "");
    assertEquals(answer.headers.get("etag"), etag);
  }
});

test("a range is given where it is in the file", async (root) => {
  const router = served({ root });
  const cases: [range: string, status: number, text: string, at?: string][] = [
    ["bytes=0-0", 206, "0", "0-0"],
    ["bytes=2-4", 206, "234", "2-4"],
    ["bytes=7-", 206, "789", "7-9"],
    ["bytes=-3", 206, "789", "7-9"],
    ["bytes=-99", 206, DIGITS, "0-9"],
    ["bytes=5-999", 206, "56789", "5-9"],
    ["BYTES = 2-4", 206, "234", "2-4"],
    ["bytes=10-", 416, ""],
    ["bytes=999-1000", 416, ""],
    ["bytes=-0", 416, ""],
    ["bytes=99999999999999999999-", 416, ""],
    ["bytes=5-99999999999999999999", 206, "56789", "5-9"],
    ["bytes=-99999999999999999999", 206, DIGITS, "0-9"],
    ["bytes=,2-4, ,", 206, "234", "2-4"],
    ["bytes=,", 200, DIGITS],
    ["bytes=4-2", 200, DIGITS],
    ["bytes=a-b", 200, DIGITS],
    ["bytes=-", 200, DIGITS],
    ["bytes=", 200, DIGITS],
    ["bytes=1", 200, DIGITS],
    ["bytes=--1", 200, DIGITS],
    ["lines=0-1", 200, DIGITS],
    ["bytes=0-1,0-2", 200, DIGITS],
    [`bytes=${"0-0,".repeat(1000)}1-1`, 200, DIGITS],
  ];
  for (const [range, status, text, at] of cases) {
    const answer = await ask(router, "/digits.txt", { range });
    const label = range.slice(0, 40);
    assertEquals([answer.status, answer.text], [status, text], label);
    const expected = status === 206
      ? `bytes ${at}/10`
      : status === 416
      ? "bytes */10"
      : null;
    assertEquals(answer.headers.get("content-range"), expected, label);
  }
  const empty = await ask(router, "/none.txt", { range: "bytes=0-" });
  assertEquals(empty.status, 416);
  const head = await ask(router, "/digits.txt", { range: "bytes=0-1" }, {
    method: "HEAD",
  });
  assertEquals([head.status, head.headers.get("content-length")], [200, "10"]);
});

test("several ranges come as parts, in the order asked", async (root) => {
  const router = served({ root });
  const { status, headers, text } = await ask(router, "/digits.txt", {
    range: "bytes=8-9, 0-1, 50-60",
  });
  assertEquals(status, 206);
  const [, boundary] = /^multipart\/byteranges; boundary=(.+)$/
    .exec(headers.get("content-type")!)!;
  const part = (range: string, body: string) =>
    `\r\n--${boundary}\r\ncontent-type: text/plain; charset=utf-8\r\n` +
    `content-range: bytes ${range}/10\r\n\r\n${body}`;
  assertEquals(
    text,
    `${part("8-9", "89")}${part("0-1", "01")}\r\n--${boundary}--\r\n`,
  );
  assertEquals(headers.get("content-length"), `${text.length}`);
  assertEquals(headers.get("content-range"), null);
});

test("a range of a file that changed is the whole file", async (root) => {
  const router = served({ root });
  const { headers } = await ask(router, "/digits.txt");
  const etag = headers.get("etag")!;
  const modified = headers.get("last-modified")!;
  const cases: [string, number][] = [
    [etag, 206],
    [`W/${etag}`, 200],
    [`"x"`, 200],
    [modified, 206],
    [new Date(0).toUTCString(), 200],
    ["nonsense", 200],
  ];
  for (const [condition, status] of cases) {
    const answer = await ask(router, "/digits.txt", {
      range: "bytes=0-0",
      "if-range": condition,
    });
    assertEquals(answer.status, status, condition);
  }
  await Deno.writeTextFile(`${root}/digits.txt`, "changed and longer");
  const changed = await ask(router, "/digits.txt", {
    range: "bytes=0-0",
    "if-range": etag,
  });
  assertEquals([changed.status, changed.text], [200, "changed and longer"]);
});

test("a compressed file beside it goes to who takes it", async (root) => {
  const router = served({ root, precompressed: true });
  const cases: [accept: string, text: string, coding: string | null][] = [
    ["gzip, br", "brotli", "br"],
    ["zstd, gzip", "gzipped", "gzip"],
    ["zstd", "plain", null],
    ["", "plain", null],
    ["gzip;q=0.5, br;q=0.1", "gzipped", "gzip"],
  ];
  const tags = new Set<string>();
  for (const [accept, text, coding] of cases) {
    const answer = await ask(router, "/app.js", { "accept-encoding": accept });
    assertEquals(answer.text, text, accept);
    assertEquals(answer.headers.get("content-encoding"), coding);
    assertEquals(answer.headers.get("vary"), "accept-encoding");
    assertEquals(
      answer.headers.get("content-type"),
      "text/javascript; charset=utf-8",
    );
    tags.add(answer.headers.get("etag")!);
  }
  assertEquals(tags.size, 3);
});

test("staticFiles refuse options that cannot be meant", (root) => {
  const cases: [unknown, string][] = [
    [undefined, `"root"`],
    [{ root: "" }, `"root"`],
    [{ root: new URL("https://a.example/") }, `"root"`],
    [{ root: `${root}/missing` }, "missing"],
    [{ root: `${root}/digits.txt` }, "digits.txt"],
    [{ root, prefix: "assets" }, `"assets"`],
    [{ root, index: "a/b" }, `"a/b"`],
    [{ root, immutable: true }, "maxAge"],
    [{ root, maxAge: "x" }, `"x"`],
    [{ root, dotfile: true }, "dotfiles"],
  ];
  for (const [options, message] of cases) {
    assertThrows(() => staticFiles(options as never), TypeError, message);
  }
  return Promise.resolve();
});

test("a root may be a file URL", async (root) => {
  const url = new URL(`file://${root}/docs/`);
  assertEquals((await ask(served({ root: url }), "/")).text, "docs");
});

test("another method on a file that no route has is 405", async (root) => {
  const router = served({ root, prefix: "/f" });
  router.post("/f/digits.txt", () => "route");
  for (const method of ["POST", "PUT", "DELETE"]) {
    const answer = await ask(router, "/f/app.js", {}, { method });
    assertEquals(
      [answer.status, answer.headers.get("allow")],
      [405, "GET, HEAD, OPTIONS"],
      method,
    );
    assertEquals((await ask(router, "/f/none", {}, { method })).status, 404);
  }
  const options = await ask(router, "/f/app.js", {}, { method: "OPTIONS" });
  assertEquals([options.status, options.headers.get("allow")], [
    204,
    "GET, HEAD, OPTIONS",
  ]);
  const post = { method: "POST" };
  assertEquals((await ask(router, "/f/digits.txt", {}, post)).text, "route");
  assertEquals((await ask(router, "/f/.env", {}, post)).status, 404);
});

Deno.test("names that only Windows reads otherwise are names elsewhere", {
  ignore: !canWrite || Deno.build.os === "windows",
}, () =>
  withFolder(async (root) => {
    const router = served({ root });
    for (const name of ["what?.txt", "10:00.txt", 'a"<b>|*.txt', "end."]) {
      await Deno.writeTextFile(`${root}/${name}`, name);
      const answer = await ask(router, `/${encodeURIComponent(name)}`);
      assertEquals(answer.text, name);
    }
  }));
