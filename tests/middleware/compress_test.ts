import { assert, assertEquals, assertThrows } from "@std/assert";
import zlib, {
  brotliDecompressSync,
  gunzipSync,
  zstdDecompressSync,
} from "node:zlib";
import { compress, type CompressOptions } from "@oresty/router/compress";
import { etag } from "@oresty/router/etag";
import { needs } from "../permissions.ts";
import { rawRequest } from "../raw_http.ts";
import { around } from "./ask.ts";

const TEXT = "hello world ".repeat(1000);
const decoders: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

function app(options: CompressOptions = {}) {
  return around(compress(options))
    .get("/", () => TEXT)
    .get("/one", () => "x")
    .get("/png", (ctx) => {
      ctx.header("content-type", "image/png");
      return new Uint8Array(5000);
    })
    .get(
      "/coded",
      () => new Response(TEXT, { headers: { "content-encoding": "x" } }),
    )
    .get(
      "/kept",
      () =>
        new Response(TEXT, { headers: { "cache-control": "no-transform" } }),
    )
    .get("/tag", (ctx) => ctx.header("etag", `"t"`) && TEXT);
}

async function get(
  router: ReturnType<typeof app>,
  path: string,
  accept?: string,
) {
  const headers: HeadersInit = accept === undefined
    ? {}
    : { "accept-encoding": accept };
  const response = await router.request(path, { headers });
  return { response, bytes: await response.bytes() };
}

Deno.test("compress takes the coding that the client likes best", async () => {
  const cases: [accept: string | undefined, expected: string | null][] = [
    [undefined, null],
    ["gzip", "gzip"],
    ["br", "br"],
    ["zstd", "zstd"],
    ["gzip, br, zstd", "zstd"],
    ["gzip, br", "br"],
    ["gzip;q=1, br;q=0.5", "gzip"],
    ["GZIP", "gzip"],
    ["x-gzip", "gzip"],
    ["*", "zstd"],
    ["*, zstd;q=0", "br"],
    ["gzip;q=0", null],
    ["deflate", null],
    ["identity", null],
    ["", null],
    ["br;q=abc", null],
  ];
  for (const [accept, expected] of cases) {
    const { response, bytes } = await get(app(), "/", accept);
    const coding = response.headers.get("content-encoding");
    assertEquals(coding, expected, accept);
    assertEquals(response.headers.get("vary"), "accept-encoding");
    const plain = coding === null ? bytes : decoders[coding]!(bytes);
    assertEquals(new TextDecoder().decode(plain), TEXT);
  }
});

Deno.test("compress leaves alone what is small, compressed or must not change", async () => {
  for (const path of ["/one", "/png", "/coded", "/kept", "/none"]) {
    const { response } = await get(app(), path, "gzip");
    const coding = response.headers.get("content-encoding");
    assertEquals(coding, path === "/coded" ? "x" : null, path);
  }
  const one = await get(app({ threshold: 0 }), "/one", "gzip");
  assertEquals(new TextDecoder().decode(gunzipSync(one.bytes)), "x");
});

Deno.test("compress answers who refuses the plain form, or 406", async () => {
  const one = await get(app(), "/one", "gzip, identity;q=0");
  assertEquals(one.response.headers.get("content-encoding"), "gzip");
  const none = await get(app(), "/", "deflate, identity;q=0");
  assertEquals(none.response.status, 406);
});

Deno.test("compress makes a strong tag a weak one, and 304 keeps its Vary", async () => {
  const { response } = await get(app(), "/tag", "gzip");
  assertEquals(response.headers.get("etag"), `W/"t"`);
  const router = around([compress(), etag()]).get("/", () => TEXT);
  const first = await router.request("/", {
    headers: { "accept-encoding": "br" },
  });
  await first.body?.cancel();
  const again = await router.request("/", {
    headers: {
      "accept-encoding": "br",
      "if-none-match": first.headers.get("etag")!,
    },
  });
  assertEquals([again.status, again.headers.get("vary")], [
    304,
    "accept-encoding",
  ]);
});

Deno.test("compress lets streams flow, and events untouched", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const router = around(compress()).get(
    "/stream",
    (ctx) =>
      ctx.stream(async (writer) => {
        await writer.write("first");
        await gate;
        await writer.write("last");
      }, "text/plain"),
  ).get("/events", (ctx) =>
    ctx.sse(async (events) => {
      await events.send("first");
      await gate;
    }));
  const headers = { "accept-encoding": "gzip" };
  const events = await router.request("/events", { headers });
  assertEquals(events.headers.get("content-encoding"), null);
  const reader = events.body!.getReader();
  const first = await reader.read();
  assert(new TextDecoder().decode(first.value).includes("first"));
  await reader.cancel();
  const stream = await router.request("/stream", { headers });
  assertEquals(stream.headers.get("content-encoding"), "gzip");
  open();
  const bytes = await stream.bytes();
  assertEquals(new TextDecoder().decode(gunzipSync(bytes)), "firstlast");
});

/** Reads a compressed stream, which does not end, until it said this. */
async function readUntil(
  body: ReadableStream<Uint8Array>,
  coding: string,
  expected: string,
): Promise<void> {
  const decoder = coding === "gzip"
    ? zlib.createGunzip()
    : coding === "br"
    ? zlib.createBrotliDecompress()
    : zlib.createZstdDecompress();
  let text = "";
  decoder.on("data", (bytes) => text += new TextDecoder().decode(bytes));
  const reader = body.getReader();
  while (text !== expected) {
    const { value } = await reader.read();
    await new Promise((resolve) => decoder.write(value, resolve));
  }
  decoder.destroy();
  await reader.cancel();
}

Deno.test("compress sends what was written before it waits for more", async () => {
  for (const coding of ["gzip", "br"]) {
    const router = around(compress()).get(
      "/",
      (ctx) =>
        ctx.stream(async (writer) => {
          await writer.write("first");
          await new Promise((resolve) =>
            writer.signal.addEventListener("abort", resolve)
          );
        }, "text/plain"),
    );
    const response = await router.request("/", {
      headers: { "accept-encoding": coding },
    });
    await readUntil(response.body!, coding, "first");
  }
});

Deno.test("compress does not cut a stream of small pieces into small blocks", async () => {
  const router = around(compress()).get(
    "/",
    (ctx) =>
      ctx.stream(async (writer) => {
        for (let i = 0; i < 2000; i++) await writer.write(`{"number":${i}}\n`);
      }, "application/json"),
  );
  for (const coding of ["gzip", "br", "zstd"]) {
    const { bytes } = await get(router, "/", coding);
    const plain = decoders[coding]!(bytes).length;
    assert(bytes.length < plain / 4, `${coding}: ${bytes.length} of ${plain}`);
  }
});

Deno.test("compress passes the error of a stream on", async () => {
  const router = around(compress()).get(
    "/",
    (ctx) =>
      ctx.stream(async (writer) => {
        await writer.write("first");
        throw new Error("in the middle");
      }, "text/plain"),
  );
  const response = await router.request("/", {
    headers: { "accept-encoding": "br" },
  });
  let message = "";
  await response.bytes().catch((error) => message = String(error));
  assert(message.includes("in the middle"), message);
});

Deno.test("compress says of HEAD what it says of GET", {
  ignore: !needs("net"),
}, async () => {
  const router = around(compress()).get("/", () => TEXT)
    .get("/large", () => TEXT.repeat(100))
    .head("/file", () =>
      new Response(null, {
        headers: {
          "content-type": "text/plain",
          "content-length": "100000",
          "accept-ranges": "bytes",
          etag: `"t"`,
        },
      }));
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    router.fetch,
  );
  const head = async (path: string) =>
    (await rawRequest(
      server.addr.port,
      `HEAD ${path} HTTP/1.1\r\nhost: x\r\naccept-encoding: br\r\n` +
        `connection: close\r\n\r\n`,
    )).headers;
  try {
    const small = await head("/");
    const { bytes } = await get(router, "/", "br");
    assertEquals(small.get("content-length"), `${bytes.length}`);
    for (const path of ["/large", "/file"]) {
      const headers = await head(path);
      assertEquals(headers.get("content-encoding"), "br", path);
      assertEquals(headers.get("content-length"), null, path);
      assertEquals(headers.get("vary"), "accept-encoding", path);
    }
    const file = await head("/file");
    assertEquals([file.get("etag"), file.get("accept-ranges")], [
      `W/"t"`,
      null,
    ]);
  } finally {
    await server.shutdown();
  }
});

Deno.test("compress confirms a weak tag as that", async () => {
  const router = around([compress(), etag()]).get("/", (ctx) => {
    ctx.header("etag", `"t"`);
    return TEXT;
  });
  const confirmed = async (condition: string) => {
    const response = await router.request("/", {
      headers: { "accept-encoding": "br", "if-none-match": condition },
    });
    return [response.status, response.headers.get("etag")];
  };
  assertEquals(await confirmed(`W/"t"`), [304, `W/"t"`]);
  assertEquals(await confirmed(`"x", W/"t"`), [304, `W/"t"`]);
  assertEquals(await confirmed(`"t"`), [304, `"t"`]);
  assertEquals(await confirmed("*"), [304, `"t"`]);
});

Deno.test("compress streams 100 MB in bounded memory", async () => {
  const size = 100_000_000;
  const piece = new Uint8Array(100_000).fill(97);
  const router = around(compress()).get("/", () => {
    let left = size / piece.length;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) =>
        left-- > 0 ? controller.enqueue(piece) : controller.close(),
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "content-type": "text/plain" } });
  });
  // Of this isolate: other tests run in the same process.
  const used = () => {
    const { heapUsed, external } = Deno.memoryUsage();
    return heapUsed + external;
  };
  for (const coding of ["gzip", "br", "zstd"]) {
    const before = used();
    let most = 0;
    const response = await router.request("/", {
      headers: { "accept-encoding": coding },
    });
    assertEquals(response.headers.get("content-encoding"), coding);
    let bytes = 0;
    for await (const chunk of response.body!) {
      bytes += chunk.length;
      most = Math.max(most, used());
    }
    assert(bytes > 0 && bytes < size / 100, `${coding}: ${bytes}`);
    assert(most - before < 50_000_000, `${coding}: ${most - before}`);
  }
});

Deno.test("compress refuses options that cannot be meant", () => {
  assertThrows(
    () => compress({ encodings: ["deflate" as never] }),
    TypeError,
    `"deflate"`,
  );
  assertThrows(() => compress({ encodings: [] }), TypeError, "encodings");
  assertThrows(
    () => compress({ treshold: 1 } as never),
    TypeError,
    "threshold",
  );
});
