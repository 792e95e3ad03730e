import { assert, assertEquals } from "@std/assert";
import * as stat from "@oresty/stat";
import { formatOf, takesGzip } from "../../stat/_negotiate.ts";
import { parseText, valueOf } from "./parse_text.ts";

const TEXT = "text/plain; version=0.0.4; charset=utf-8";
const OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** What clients send, and what they get. */
const ACCEPTS: readonly [accept: string | null, wanted: string][] = [
  [null, TEXT],
  ["*/*", TEXT],
  ["text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", TEXT],
  ["", TEXT],
  // Prometheus 2.42, and 3.
  [
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;" +
    "version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    OPEN,
  ],
  [
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=" +
    "1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    OPEN,
  ],
  ["Application/OpenMetrics-Text", OPEN],
  ["text/plain, application/openmetrics-text;q=0.5", TEXT],
  ["application/openmetrics-text;q=0.5, */*;q=0.9", TEXT],
  ["application/openmetrics-text;q=0.5, text/*;q=0.9, */*;q=0.1", TEXT],
  ["application/openmetrics-text;q=0.5, text/plain;q=0.1, */*", OPEN],
  ["application/openmetrics-text; q=0", TEXT],
  ["application/openmetrics-text; q=0.000, */*", TEXT],
  ["application/openmetrics-text;q=oops", OPEN],
  [";;;,,,=;q=,", TEXT],
];

Deno.test("the format is the one that the client wants", async () => {
  stat.create().incr("handler_test_a", 2);
  for (const [accept, wanted] of ACCEPTS) {
    assertEquals(formatOf(accept), wanted === OPEN ? "openmetrics" : "text");
    const headers = accept === null ? {} : { accept };
    const response = await stat.handler(
      new Request("http://localhost/", { headers }),
    );
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), wanted, `${accept}`);
    assert(response.headers.get("vary")?.includes("accept"));
    const body = await response.text();
    assertEquals(body.endsWith("# EOF\n"), wanted === OPEN);
    const families = parseText(body, wanted === OPEN);
    assertEquals(valueOf(families, "handler_test_a"), 2);
  }
  await stat.stop();
});

Deno.test("a body is compressed where the client takes it, and it is worth it", async () => {
  for (let i = 0; i < 50; i++) stat.create({ i }).incr("handler_test_b");
  const get = (encoding: string) =>
    stat.handler(
      new Request("http://localhost/", {
        headers: { "accept-encoding": encoding },
      }),
    );
  const plain = await get("gzip;q=0, br");
  assertEquals(plain.headers.get("content-encoding"), null);
  const packed = await get("deflate, gzip;q=0.5");
  assertEquals(packed.headers.get("content-encoding"), "gzip");
  const text = await new Response(
    packed.body!.pipeThrough(new DecompressionStream("gzip")),
  ).text();
  assertEquals(text.includes('handler_test_b{i="49"} 1\n'), true);
  assert((await plain.text()).includes('handler_test_b{i="49"} 1\n'));
  assertEquals(
    [null, "", "gzip", "GZIP", "gzip; q=0.0", "br, gzip"].map(takesGzip),
    [false, false, true, true, false, true],
  );
  await stat.stop();
});

Deno.test("HEAD has no body, and other methods are refused", async () => {
  const head = await stat.handler(
    new Request("http://localhost/", { method: "HEAD" }),
  );
  assertEquals([head.status, await head.text()], [200, ""]);
  assertEquals(head.headers.get("content-type"), TEXT);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const { status, headers } = await stat.handler(
      new Request("http://localhost/", { method }),
    );
    assertEquals([status, headers.get("allow")], [405, "GET, HEAD"]);
  }
  await stat.stop();
});
