import { assertEquals, assertThrows } from "@std/assert";
import { csrf } from "@oresty/router/csrf";
import { around, ask } from "./ask.ts";

Deno.test("csrf lets pages of this host change something, and no others", async () => {
  const router = around(csrf({ origins: ["https://*.partner.example"] }))
    .all("/", () => "done");
  const host = "shop.example";
  const cases: [headers: Record<string, string>, isIn: boolean][] = [
    [{}, true],
    [{ "sec-fetch-site": "same-origin" }, true],
    [{ "sec-fetch-site": "none" }, true],
    [{ "sec-fetch-site": "same-site" }, false],
    [{ "sec-fetch-site": "cross-site" }, false],
    [{ "sec-fetch-site": "SAME-ORIGIN" }, false],
    [{ "sec-fetch-site": "" }, false],
    // The browser's word counts more than a header that looks right.
    [
      { "sec-fetch-site": "cross-site", origin: "https://shop.example" },
      false,
    ],
    [{ origin: "https://shop.example" }, true],
    [{ origin: "http://shop.example" }, true],
    [{ origin: "https://shop.example:443" }, true],
    [{ origin: "https://shop.example:8443" }, false],
    [{ origin: "https://shop.example.evil.net" }, false],
    [{ origin: "https://evil.net/shop.example" }, false],
    [{ origin: "https://a.shop.example" }, false],
    [{ origin: "null" }, false],
    [{ origin: "" }, false],
    [{ origin: "shop.example" }, false],
    [{ origin: "https://a.partner.example" }, true],
    [
      { origin: "https://a.partner.example", "sec-fetch-site": "cross-site" },
      true,
    ],
    [{ origin: "https://a.partner.example.evil.net" }, false],
  ];
  for (const [headers, isIn] of cases) {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const answer = await ask(router, "/", { host, ...headers }, { method });
      const label = `${method} ${JSON.stringify(headers)}`;
      assertEquals(answer.status, isIn ? 200 : 403, label);
    }
    for (const method of ["GET", "HEAD", "OPTIONS"]) {
      const answer = await ask(router, "/", { host, ...headers }, { method });
      assertEquals(answer.status, 200, method);
    }
  }
});

Deno.test("csrf skips what it is told to", async () => {
  const router = around(csrf({ skip: (ctx) => ctx.path === "/hook" }));
  router.post("/hook", () => "done").post("/", () => "done");
  const headers = { "sec-fetch-site": "cross-site" };
  const post = async (path: string) =>
    (await ask(router, path, headers, { method: "POST" })).status;
  assertEquals([await post("/hook"), await post("/")], [200, 403]);
  assertThrows(() => csrf({ origins: ["null"] }), TypeError, `"null"`);
});
