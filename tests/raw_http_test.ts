import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { needs } from "./permissions.ts";
import { RawConnection, rawRequest } from "./raw_http.ts";

const ignore = !needs("net");
const GET = "GET / HTTP/1.1\r\n\r\n";

/** A server of one connection that says what it is told to. */
class Script implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #run: Promise<void>;

  constructor(run: (connection: Deno.TcpConn) => unknown) {
    this.#run = this.#accept(run);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async #accept(run: (connection: Deno.TcpConn) => unknown): Promise<void> {
    using connection = await this.#listener.accept();
    await run(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#run;
  }
}

/** Says these parts, a moment apart, and closes. */
function says(...parts: string[]): Script {
  return new Script(async (connection) => {
    await connection.read(new Uint8Array(1024));
    for (const part of parts) {
      await connection.write(new TextEncoder().encode(part));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
}

/** Says nothing until the client has left. */
function silent(): Script {
  return new Script(async (connection) => {
    while (await connection.read(new Uint8Array(1024)) !== null);
  });
}

const HEAD = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`;

const BODIES: readonly [name: string, parts: string[], text: string][] = [
  ["a length", [`${HEAD}Content-Length: 3\r\n\r\nabcd`], "abc"],
  [
    "a length, in pieces",
    [HEAD, "Content-Length: 3\r", "\n\r\na", "bc"],
    "abc",
  ],
  ["the end of the connection", [`${HEAD}\r\n`, "ab", "c"], "abc"],
  ["chunks", [`${CHUNKED}2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n`], "abc"],
  ["chunks, in pieces", [CHUNKED, "2\r", "\na", "b\r\n", "0\r\n\r\n"], "ab"],
  ["chunks and trailers", [`${CHUNKED}1\r\na\r\n0\r\nA: b\r\n\r\n`], "a"],
  ["no content", ["HTTP/1.1 204 No Content\r\n\r\n"], ""],
];

for (const [name, parts, text] of BODIES) {
  Deno.test({
    name: `raw http: a body by ${name}`,
    ignore,
    async fn() {
      await using server = says(...parts);
      const response = await rawRequest(server.port, GET);
      assertEquals(response.text, text);
      assertEquals(response.bytes, new TextEncoder().encode(text));
    },
  });
}

const CUT: readonly [name: string, part: string][] = [
  ["a length", `${HEAD}Content-Length: 3\r\n\r\nab`],
  ["chunks", `${CHUNKED}3\r\nab`],
  ["chunks without an end", `${CHUNKED}2\r\nab\r\n`],
  ["fields", `${HEAD}Content-Le`],
  ["nothing", ""],
];

for (const [name, part] of CUT) {
  Deno.test({
    name: `raw http: ${name}, cut off, is an error`,
    ignore,
    async fn() {
      await using server = says(part);
      await assertRejects(
        () => rawRequest(server.port, GET),
        Error,
        "the connection was closed",
      );
    },
  });
}

Deno.test({
  name: "raw http: status, its text and repeated fields",
  ignore,
  async fn() {
    await using server = says(
      "HTTP/1.1 418 I'm a teapot\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n\r\n",
    );
    const response = await rawRequest(server.port, GET);
    assertEquals(response.status, 418);
    assertEquals(response.statusText, "I'm a teapot");
    assertEquals(response.headers.getSetCookie(), ["a=1", "b=2"]);
  },
});

Deno.test({
  name: "raw http: HEAD has no body, whatever its length says",
  ignore,
  async fn() {
    await using server = says(`${HEAD}Content-Length: 3\r\n\r\n`);
    const response = await rawRequest(server.port, "HEAD / HTTP/1.1\r\n\r\n");
    assertEquals(response.headers.get("content-length"), "3");
    assertEquals(response.text, "");
  },
});

Deno.test({
  name: "raw http: a chunk of a megabyte",
  ignore,
  async fn() {
    const big = "x".repeat(1024 * 1024);
    await using server = new Script(async (connection) => {
      await connection.read(new Uint8Array(1024));
      const text = `${CHUNKED}100000\r\n${big}\r\n0\r\n\r\n`;
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length;) {
        at += await connection.write(bytes.subarray(at));
      }
    });
    assertEquals((await rawRequest(server.port, GET)).text.length, big.length);
  },
});

Deno.test({
  name: "raw http: answers one after the other, 100 first",
  ignore,
  async fn() {
    await using server = says(
      "HTTP/1.1 100 Continue\r\n\r\n" +
        `${HEAD}Content-Length: 1\r\n\r\na${HEAD}Content-Length: 1\r\n\r\nb`,
    );
    using connection = await RawConnection.open(server.port);
    await connection.write(GET);
    assertEquals((await connection.response()).status, 100);
    assertEquals((await connection.response()).text, "a");
    assertEquals((await connection.response()).text, "b");
    assert(await connection.closes());
  },
});

Deno.test({
  name: "raw http: what is not HTTP is an error",
  ignore,
  async fn() {
    await using server = says("SSH-2.0\r\n\r\n");
    await assertRejects(() => rawRequest(server.port, GET), Error, "SSH-2.0");
  },
});

Deno.test({
  name: "raw http: half closed, the answer still comes",
  ignore,
  async fn() {
    await using server = new Script(async (connection) => {
      while (await connection.read(new Uint8Array(1024)) !== null);
      await connection.write(new TextEncoder().encode(`${HEAD}\r\nlate`));
    });
    using connection = await RawConnection.open(server.port);
    await connection.write(GET);
    await connection.closeWrite();
    assertEquals((await connection.response()).text, "late");
  },
});

Deno.test({
  name: "raw http: a server that says nothing is given up in time",
  ignore,
  async fn() {
    await using server = silent();
    await assertRejects(
      () => rawRequest(server.port, GET, 50),
      Error,
      "no answer within 50 ms",
    );
  },
});

Deno.test({
  name: "raw http: a connection that stays open is told from a closed one",
  ignore,
  async fn() {
    await using server = silent();
    using connection = await RawConnection.open(server.port);
    assertFalse(await connection.closes(50));
  },
});

Deno.test({
  name: "raw http: a write that nobody reads is given up in time",
  ignore,
  async fn() {
    const left = Promise.withResolvers<void>();
    await using server = new Script(() => left.promise);
    using connection = await RawConnection.open(server.port);
    await assertRejects(
      () => connection.write(new Uint8Array(64 * 1024 * 1024), 200),
      Error,
      "not written within 200 ms",
    );
    left.resolve();
  },
});
