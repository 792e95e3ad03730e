import { assertEquals, assertThrows } from "@std/assert";
import { HttpError } from "@oresty/router";
import { cors, type CorsOptions } from "@oresty/router/cors";
import { around, ask } from "./ask.ts";

const ALLOW = "access-control-allow-origin";

function app(options: CorsOptions = {}) {
  return around(cors(options))
    .get("/", () => "hello")
    .get("/own", () => new Response("own", { headers: { vary: "accept" } }))
    .get("/no", () => {
      throw new HttpError(418);
    });
}

Deno.test("cors matches whole origins alone", async () => {
  const router = app({
    origin: [
      "https://example.com",
      "https://*.example.org:8443",
      /https:\/\/app\d+\.example\.net/,
    ],
  });
  const cases: [origin: string, isAllowed: boolean][] = [
    ["https://example.com", true],
    ["https://a.example.com", false],
    ["https://example.com.evil.net", false],
    ["https://evil-example.com", false],
    ["http://example.com", false],
    ["https://example.com:444", false],
    ["https://a.example.org:8443", true],
    ["https://a.b.example.org:8443", true],
    ["https://example.org:8443", false],
    ["https://.example.org:8443", false],
    ["https://evil.net/.example.org:8443", false],
    ["https://evil.net#.example.org:8443", false],
    ["https://a.example.org.evil.net:8443", false],
    ["https://app1.example.net", true],
    ["https://app1.example.net.evil.net", false],
    ["https://evil.net/https://app1.example.net", false],
    ["null", false],
    ["", false],
    ["https://EXAMPLE.com", false],
    [`https://${"a".repeat(1000)}.example.org:8443`, false],
  ];
  for (const [origin, isAllowed] of cases) {
    const { headers, text } = await ask(router, "/", { origin });
    assertEquals(headers.get(ALLOW), isAllowed ? origin : null, origin);
    assertEquals(headers.get("vary"), "origin", origin);
    assertEquals(text, "hello");
  }
});

Deno.test("cors says Vary also to who sends no origin, and keeps another", async () => {
  const router = app({ origin: "https://example.com" });
  assertEquals((await ask(router)).headers.get("vary"), "origin");
  const own = await ask(router, "/own", { origin: "https://example.com" });
  assertEquals(own.headers.get("vary"), "accept, origin");
  assertEquals((await ask(app(), "/")).headers.get("vary"), null);
});

Deno.test("cors lets everybody in by default, and null too", async () => {
  const { headers } = await ask(app(), "/", { origin: "null" });
  assertEquals(headers.get(ALLOW), "*");
  assertEquals(headers.get("access-control-allow-credentials"), null);
});

Deno.test("cors is on the answers to errors", async () => {
  const router = app({ origin: "https://example.com", credentials: true });
  for (const [path, status] of [["/no", 418], ["/none", 404]] as const) {
    const answer = await ask(router, path, { origin: "https://example.com" });
    assertEquals(answer.status, status);
    assertEquals(answer.headers.get(ALLOW), "https://example.com");
    assertEquals(
      answer.headers.get("access-control-allow-credentials"),
      "true",
    );
  }
});

Deno.test("cors answers a preflight before the handler", async () => {
  let calls = 0;
  const router = around(cors({
    origin: "https://example.com",
    methods: ["GET", "PUT"],
    exposeHeaders: ["x-total"],
    maxAge: "1h",
    privateNetwork: true,
  }));
  router.all("/", () => `${++calls}`);
  const asks = {
    origin: "https://example.com",
    "access-control-request-method": "PUT",
    "access-control-request-headers": "x-one, x-two",
    "access-control-request-private-network": "true",
  };
  const options = { method: "OPTIONS" };
  const { status, headers, text } = await ask(router, "/", asks, options);
  assertEquals([status, text, calls], [204, "", 0]);
  assertEquals(Object.fromEntries(headers), {
    vary: "origin, access-control-request-headers",
    "access-control-allow-origin": "https://example.com",
    "access-control-allow-methods": "GET, PUT",
    "access-control-allow-headers": "x-one, x-two",
    "access-control-max-age": "3600",
    "access-control-allow-private-network": "true",
  });
  const hostile = { ...asks, origin: "https://example.com.evil.net" };
  const refused = await ask(router, "/", hostile, options);
  assertEquals([refused.status, calls], [204, 0]);
  assertEquals(refused.headers.get(ALLOW), null);
  assertEquals(refused.headers.get("access-control-allow-methods"), null);
  // An OPTIONS that asks for nothing is the handler's.
  const plain = await ask(router, "/", { origin: asks.origin }, options);
  assertEquals([plain.text, calls], ["1", 1]);
  assertEquals(plain.headers.get("access-control-expose-headers"), "x-total");
});

Deno.test("cors asks a function, and awaits it", async () => {
  const router = app({
    origin: async (origin, ctx) => {
      await Promise.resolve();
      return origin === "https://a.example" && ctx.path === "/";
    },
  });
  const allowed = async (path: string) =>
    (await ask(router, path, { origin: "https://a.example" })).headers.get(
      ALLOW,
    );
  assertEquals(await allowed("/"), "https://a.example");
  assertEquals(await allowed("/own"), null);
});

Deno.test("cors refuses options that cannot be meant", () => {
  const cases: [CorsOptions, RegExp][] = [
    [{ origin: "*", credentials: true }, /"origin".*"\*".*credentials/],
    [{ credentials: true }, /credentials/],
    [{ origin: "example.com" }, /"example\.com" was given/],
    [{ origin: "https://example.com/" }, /"https:\/\/example\.com\/"/],
    [{ origin: "https://example.com:443" }, /example\.com:443/],
    [{ origin: "https://*example.com" }, /\*example\.com/],
    [{ origin: ["https://*.*.com"] }, /\*\.\*\.com/],
    [{ origin: ["null"] }, /"null"/],
    [{ origin: null as never }, /"null"/],
    [{ methods: ["GE T"] }, /"GE T"/],
    [{ headers: ["a:b"] }, /"a:b"/],
    [{ maxAge: "soon" }, /"soon"/],
    [{ orign: "*" } as CorsOptions, /"orign".*"origin"/],
  ];
  for (const [options, message] of cases) {
    const error = assertThrows(() => cors(options), TypeError);
    assertEquals(message.test(error.message), true, error.message);
  }
});
