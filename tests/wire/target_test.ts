import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { needs } from "../permissions.ts";
import { rawRequest } from "../raw_http.ts";
import { serve } from "./serve.ts";

const ignore = !needs("net");

function routes() {
  return serve({}, (app) => {
    app.get("/x", () => "x");
    app.get("/admin", () => "admin");
    app.get("/admin/x", () => "admin");
    app.get("/u/:id", (ctx) => ctx.params.id);
    app.get("/", () => "root");
  });
}

const HOSTS: readonly [host: string, status: number][] = [
  ["localhost", 200],
  ["127.0.0.1:8080", 200],
  ["[::1]:8080", 200],
  ["example.com.", 200],
  ["a/admin", 400],
  ["a/admin?", 400],
  ["a?b", 400],
  ["a#b", 400],
  ["a b", 400],
  ["user@host", 400],
  ["[::1", 400],
  ["[::zz]", 400],
  ["a:port", 400],
  ["a:80:80", 400],
  ["a\\admin", 400],
  ["a,b", 200],
];

for (const [host, status] of HOSTS) {
  Deno.test({
    name: `wire: Host "${host}" is ${status}`,
    ignore,
    async fn() {
      await using running = routes();
      const response = await rawRequest(
        running.port,
        `GET /x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      assertEquals(response.status, status);
      assert(!response.text.includes("admin"), response.text);
      assertEquals(running.lines, []);
    },
  });
}

const TARGETS: readonly [target: string, status: number, text?: string][] = [
  ["http://h?next=/admin", 200, "root"],
  ["http://h/admin", 200, "admin"],
  ["//admin", 404],
  ["/x?a=/admin", 200, "x"],
  ["/x#/admin", 200, "x"],
  ["/u/../admin", 404],
  ["/u/%2e%2e", 200, ".."],
  ["/u/a%2Fb", 200, "a/b"],
  ["/u/%zz", 400],
  ["/u/%", 400],
  ["/u/%FF", 400],
  ["/u/%00", 200, "\0"],
  ["/u/a\\b", 200, "a\\b"],
  ["/%61dmin", 200, "admin"],
];

for (const [target, status, text] of TARGETS) {
  Deno.test({
    name: `wire: target ${target} is ${status}`,
    ignore,
    async fn() {
      await using running = routes();
      const response = await rawRequest(
        running.port,
        `GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
      );
      assertEquals(response.status, status);
      if (text !== undefined) assertEquals(response.text, text);
      assertEquals(running.lines, []);
    },
  });
}

for (const method of ["toString", "__proto__", "get", "FOO", "constructor"]) {
  Deno.test({
    name: `wire: method ${method} is 405 with a clean log`,
    ignore,
    async fn() {
      await using running = routes();
      const response = await rawRequest(
        running.port,
        `${method} /u/1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
      );
      assertEquals(response.status, 405);
      assertEquals(response.headers.get("allow"), "GET, HEAD, OPTIONS");
      assertEquals(JSON.parse(response.text).http_code, 405);
      assertEquals(running.lines, []);
    },
  });
}

Deno.test({
  name: "wire: OPTIONS * lists the methods of the server",
  ignore,
  async fn() {
    await using running = routes();
    const response = await rawRequest(
      running.port,
      "OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    assertEquals(response.status, 204);
    assertStringIncludes(response.headers.get("allow")!, "GET");
  },
});

Deno.test({
  name: "wire: CONNECT is no route",
  ignore,
  async fn() {
    await using running = routes();
    const response = await rawRequest(
      running.port,
      "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\nConnection: close\r\n\r\n",
    );
    assert(response.status === 405 || response.status === 404);
    assertEquals(running.lines, []);
  },
});

Deno.test({
  name: "wire: 64 KB of headers are refused, 48 KB are not, the server goes on",
  ignore,
  async fn() {
    await using running = routes();
    for (const [size, statuses] of [[48, [200]], [64, [400, 431]]] as const) {
      const response = await rawRequest(
        running.port,
        `GET /x HTTP/1.1\r\nHost: h\r\nX-Long: ${"a".repeat(size * 1024)}\r\n` +
          "Connection: close\r\n\r\n",
      );
      const known: readonly number[] = statuses;
      assert(known.includes(response.status), `${size} KB: ${response.status}`);
    }
    const next = await fetch(`http://127.0.0.1:${running.port}/x`);
    assertEquals(await next.text(), "x");
    assertEquals(running.lines, []);
  },
});

Deno.test({
  name: "wire: HEAD has the headers of GET and no body",
  ignore,
  async fn() {
    await using running = routes();
    const response = await rawRequest(
      running.port,
      "HEAD /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-length"), "1");
  },
});
