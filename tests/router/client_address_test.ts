import { assert, assertEquals, assertThrows } from "@std/assert";
import { HttpRouter, type TrustProxy } from "@oresty/router";
import { connectionFrom } from "./http_fakes.ts";

async function ip(
  trustProxy: TrustProxy,
  peer: string | null,
  forwarded: string | null,
): Promise<string> {
  const router = new HttpRouter({ trustProxy }).get("/", (ctx) => ctx.ip);
  const headers: Record<string, string> = forwarded === null
    ? {}
    : { "x-forwarded-for": forwarded };
  const request = new Request("http://a/", { headers });
  const info = peer === null ? undefined : connectionFrom(peer);
  return await (await router.fetch(request, info)).text();
}

type Case = [TrustProxy, peer: string, forwarded: string | null, ip: string];

async function check(cases: Case[]): Promise<void> {
  for (const [trust, peer, forwarded, expected] of cases) {
    assertEquals(
      await ip(trust, peer, forwarded),
      expected,
      JSON.stringify([trust, peer, forwarded]),
    );
  }
}

Deno.test("nobody is believed by default", async () => {
  await check([
    [false, "9.9.9.9", null, "9.9.9.9"],
    [false, "9.9.9.9", "1.1.1.1", "9.9.9.9"],
    [false, "127.0.0.1", "1.1.1.1", "127.0.0.1"],
    [false, "::1", "1.1.1.1", "::1"],
    [0, "9.9.9.9", "1.1.1.1", "9.9.9.9"],
    [[], "9.9.9.9", "1.1.1.1", "9.9.9.9"],
  ]);
  const router = new HttpRouter().get("/", (ctx) => ctx.ip);
  const init = { headers: { "x-forwarded-for": "1.1.1.1" } };
  const response = await router.request("/", init);
  assertEquals(await response.text(), "", "no connection, no address");
});

Deno.test("with true everybody is believed", async () => {
  await check([
    [true, "9.9.9.9", null, "9.9.9.9"],
    [true, "9.9.9.9", "", "9.9.9.9"],
    [true, "9.9.9.9", "1.1.1.1", "1.1.1.1"],
    [true, "9.9.9.9", "1.1.1.1, 2.2.2.2,3.3.3.3", "1.1.1.1"],
    [true, "9.9.9.9", "  1.1.1.1  ", "1.1.1.1"],
    // What is no address ends the walk.
    [true, "9.9.9.9", "1.1.1.1, unknown, 2.2.2.2", "2.2.2.2"],
    [true, "9.9.9.9", "1.1.1.1,", "9.9.9.9"],
  ]);
});

Deno.test("a number believes so many proxies", async () => {
  const chain = "6.6.6.6, 1.1.1.1, 2.2.2.2";
  await check([
    [1, "9.9.9.9", chain, "2.2.2.2"],
    [2, "9.9.9.9", chain, "1.1.1.1"],
    [3, "9.9.9.9", chain, "6.6.6.6"],
    [99, "9.9.9.9", chain, "6.6.6.6"],
    [1, "9.9.9.9", null, "9.9.9.9"],
    [2, "9.9.9.9", "1.1.1.1", "1.1.1.1"],
  ]);
});

Deno.test("addresses and networks are believed, and nobody else", async () => {
  await check([
    ["loopback", "127.0.0.1", "1.1.1.1", "1.1.1.1"],
    ["loopback", "127.9.9.9", "1.1.1.1", "1.1.1.1"],
    ["loopback", "::1", "1.1.1.1", "1.1.1.1"],
    ["loopback", "10.0.0.1", "1.1.1.1", "10.0.0.1"],
    ["10.0.0.0/8", "10.255.0.1", "1.1.1.1", "1.1.1.1"],
    ["10.0.0.0/8", "11.0.0.1", "1.1.1.1", "11.0.0.1"],
    ["10.1.2.3", "10.1.2.3", "1.1.1.1", "1.1.1.1"],
    ["10.1.2.3", "10.1.2.4", "1.1.1.1", "10.1.2.4"],
    ["10.1.2.3/31", "10.1.2.2", "1.1.1.1", "1.1.1.1"],
    ["0.0.0.0/0", "9.9.9.9", "1.1.1.1", "1.1.1.1"],
    ["0.0.0.0/0", "::2", "1.1.1.1", "::2"],
    ["::/0", "::2", "1.1.1.1", "1.1.1.1"],
    ["2001:db8::/32", "2001:db8:ffff::1", "1.1.1.1", "1.1.1.1"],
    ["2001:db8::/32", "2001:DB9::1", "1.1.1.1", "2001:DB9::1"],
    [
      ["loopback", "10.0.0.0/8"],
      "::1",
      "6.6.6.6, 1.1.1.1, 10.0.0.7",
      "1.1.1.1",
    ],
    // The client wrote 10.0.0.1 itself: its own proxy did not.
    ["loopback", "127.0.0.1", "10.0.0.1, 1.1.1.1", "1.1.1.1"],
    // An address that a trusted one reports may be trusted too.
    [["127.0.0.1", "10.0.0.1"], "127.0.0.1", "1.1.1.1, 10.0.0.1", "1.1.1.1"],
    [["127.0.0.1", "10.0.0.1"], "127.0.0.1", "10.0.0.1", "10.0.0.1"],
  ]);
});

Deno.test("addresses come with ports, brackets, quotes and as mapped IPv4", async () => {
  await check([
    [true, "9.9.9.9", "1.1.1.1:80", "1.1.1.1"],
    [true, "9.9.9.9", "[2001:db8::1]", "2001:db8::1"],
    [true, "9.9.9.9", "[2001:db8::1]:443", "2001:db8::1"],
    [true, "9.9.9.9", "2001:db8::1", "2001:db8::1"],
    [true, "9.9.9.9", '"1.1.1.1"', "1.1.1.1"],
    [true, "9.9.9.9", '"[::2]:80"', "::2"],
    [true, "9.9.9.9", "::ffff:1.1.1.1", "1.1.1.1"],
    [true, "9.9.9.9", "::FFFF:1.1.1.1", "1.1.1.1"],
    [true, "9.9.9.9", "[::ffff:1.1.1.1]:80", "1.1.1.1"],
    [true, "9.9.9.9", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
    [true, "9.9.9.9", "64:ff9b::1.2.3.4", "64:ff9b::1.2.3.4"],
    [false, "::ffff:1.1.1.1", null, "1.1.1.1"],
    ["10.0.0.0/8", "::ffff:10.0.0.1", "1.1.1.1", "1.1.1.1"],
  ]);
});

Deno.test("what is no address is never given", async () => {
  const garbage = [
    "unknown",
    "_hidden",
    "localhost",
    "<script>",
    "1.1.1",
    "1.1.1.1.1",
    "256.1.1.1",
    "01.1.1.1",
    "1.1.1.1 2.2.2.2",
    "0x1.1.1.1",
    "1.1.1.-1",
    "1e1.1.1.1",
    "16843009",
    "::1::",
    ":::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "g::",
    "1.2.3.4::",
    "1.2.3.4::5",
    "::1.2.3.4:5",
    "fe80::1%eth0",
    "[::1",
    "::1]",
    "[1.1.1.1",
    "1.1.1.1:",
    "[]",
    ",",
    ":",
    ".",
    "...",
  ];
  for (const text of garbage) {
    assertEquals(await ip(true, "9.9.9.9", text), "9.9.9.9", text);
    assertEquals(await ip(true, "9.9.9.9", `1.1.1.1, ${text}`), "9.9.9.9");
  }
});

Deno.test("a long header takes bounded time", async () => {
  const start = performance.now();
  for (const unit of ["1.1.1.1,", ",", "[", "1.", ":", '"']) {
    await ip(true, "9.9.9.9", unit.repeat(60_000 / unit.length));
    await ip("loopback", "127.0.0.1", unit.repeat(60_000 / unit.length));
  }
  assert(performance.now() - start < 1000);
});

Deno.test("a unix socket has no address", async () => {
  const router = new HttpRouter().get("/", (ctx) => ctx.ip);
  const info = {
    remoteAddr: { transport: "unix", path: "/run/x" },
    completed: Promise.resolve(),
  } as unknown as Deno.ServeHandlerInfo;
  const response = await router.fetch(new Request("http://a/"), info);
  assertEquals(await response.text(), "");
});

Deno.test("trustProxy takes nothing else", () => {
  const bad: unknown[] = [
    -1,
    1.5,
    NaN,
    Infinity,
    "",
    "proxy",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.0/0x8",
    "10.0.0.0/08",
    "10.0.0.0/1e1",
    "10.0.0.0/ 8",
    "10.0.0/8",
    "::1/129",
    "::g",
    ["10.0.0.1", "x"],
    [null],
  ];
  for (const trustProxy of bad) {
    assertThrows(
      () => new HttpRouter({ trustProxy } as { trustProxy: TrustProxy }),
      TypeError,
      'Cannot use option "trustProxy": ',
      JSON.stringify(trustProxy),
    );
  }
});
