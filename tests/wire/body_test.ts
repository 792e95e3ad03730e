import { assert, assertEquals } from "@std/assert";
import { needs } from "../permissions.ts";
import { RawConnection, rawRequest } from "../raw_http.ts";
import { serve } from "./serve.ts";

const ignore = !needs("net");

function echo(options = {}) {
  return serve({ bodyLimit: 1000, ...options }, (app) => {
    app.post("/json", (ctx) => ctx.json());
    app.post("/form", (ctx) => ctx.form());
    app.post(
      "/multipart",
      async (ctx) => [...(await ctx.multipart()).keys()],
    );
    app.get("/", () => "alive");
  });
}

async function post(
  port: number,
  path: string,
  type: string,
  body: string,
  headers = `Content-Length: ${new TextEncoder().encode(body).length}\r\n`,
) {
  return await rawRequest(
    port,
    `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Type: ${type}\r\n${headers}` +
      `Connection: close\r\n\r\n${body}`,
  );
}

Deno.test({
  name: "wire: a body over the limit is 413, its length told or not",
  ignore,
  async fn() {
    await using running = echo();
    const body = JSON.stringify("a".repeat(2000));
    const told = await post(running.port, "/json", "application/json", body);
    assertEquals(told.status, 413);
    const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const untold = await post(
      running.port,
      "/json",
      "application/json",
      chunk,
      "Transfer-Encoding: chunked\r\n",
    );
    assertEquals(untold.status, 413);
    assertEquals(running.lines, []);
  },
});

Deno.test({
  name: "wire: 413 comes before the body does",
  ignore,
  async fn() {
    await using running = echo();
    using connection = await RawConnection.open(running.port);
    await connection.write(
      "POST /json HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n" +
        "Content-Length: 1000000000\r\n\r\n",
    );
    assertEquals((await connection.response("POST", 2000)).status, 413);
  },
});

Deno.test({
  name: "wire: a chunked body within the limit is read",
  ignore,
  async fn() {
    await using running = echo();
    const response = await post(
      running.port,
      "/json",
      "application/json",
      `3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n`,
      "Transfer-Encoding: chunked\r\n",
    );
    assertEquals(response.text, `{"a":1}`);
  },
});

Deno.test({
  name: "wire: a slow body is 408, and others are served meanwhile",
  ignore,
  async fn() {
    await using running = echo({ bodyTimeout: 0.2 });
    for (
      const headers of ["Content-Length: 100", "Transfer-Encoding: chunked"]
    ) {
      using connection = await RawConnection.open(running.port);
      await connection.write(
        "POST /json HTTP/1.1\r\nHost: h\r\n" +
          `Content-Type: application/json\r\n${headers}\r\n\r\n`,
      );
      const other = await fetch(`http://127.0.0.1:${running.port}/`);
      assertEquals(await other.text(), "alive");
      assertEquals((await connection.response("POST", 3000)).status, 408);
    }
  },
});

Deno.test({
  name: "wire: a client that leaves in the middle of its body harms nobody",
  ignore,
  async fn() {
    await using running = echo();
    for (let i = 0; i < 5; i++) {
      const connection = await RawConnection.open(running.port);
      await connection.write(
        "POST /json HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n" +
          `Content-Length: 100\r\n\r\n{"a":`,
      );
      connection.close();
    }
    const other = await fetch(`http://127.0.0.1:${running.port}/`);
    assertEquals(await other.text(), "alive");
    assert(running.lines.every((line) => line["level"] !== "error"));
  },
});

Deno.test({
  name: "wire: truncated and malformed multipart is 400",
  ignore,
  async fn() {
    await using running = echo();
    const part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n';
    const type = "multipart/form-data; boundary=b";
    const whole = await post(
      running.port,
      "/multipart",
      type,
      `${part}--b--\r\n`,
    );
    assertEquals(whole.text, `["a"]`);
    for (
      const [kind, body] of [
        [type, part],
        [type, part.slice(0, 30)],
        [type, "junk"],
        ["multipart/form-data", part],
      ] as const
    ) {
      const cut = await post(running.port, "/multipart", kind, body);
      assertEquals(cut.status, 400, `${kind} ${JSON.stringify(body)}`);
    }
    assertEquals(running.lines, []);
  },
});

Deno.test({
  name: "wire: deep JSON is 400 and prototype keys are data",
  ignore,
  async fn() {
    await using running = echo({ bodyLimit: "1m" });
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const refused = await post(
      running.port,
      "/json",
      "application/json",
      deep,
    );
    assertEquals(refused.status, 400);
    const keys = `{"__proto__":{"admin":true},"constructor":1}`;
    const kept = await post(running.port, "/json", "application/json", keys);
    assertEquals(kept.text, keys);
    assertEquals(({} as Record<string, unknown>)["admin"], undefined);
  },
});
