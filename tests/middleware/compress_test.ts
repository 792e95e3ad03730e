import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  brotliDecompressSync,
  gunzipSync,
  zstdDecompressSync,
} from "node:zlib";
import { compress, type CompressOptions } from "@oresty/router/compress";
import { etag } from "@oresty/router/etag";
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
  for (const coding of ["gzip", "br", "zstd"]) {
    const before = Deno.memoryUsage().rss;
    let most = 0;
    const response = await router.request("/", {
      headers: { "accept-encoding": coding },
    });
    assertEquals(response.headers.get("content-encoding"), coding);
    let bytes = 0;
    for await (const chunk of response.body!) {
      bytes += chunk.length;
      most = Math.max(most, Deno.memoryUsage().rss);
    }
    assert(bytes > 0 && bytes < size / 100, `${coding}: ${bytes}`);
    assert(most - before < 80_000_000, `${coding}: ${most - before}`);
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
