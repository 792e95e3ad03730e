import { assert, assertEquals, assertThrows } from "@std/assert";
import { etag } from "@oresty/router/etag";
import { around, ask } from "./ask.ts";

Deno.test("etag answers 304 to who has the answer", async () => {
  const router = around(etag()).get("/", (ctx) => {
    ctx.header("cache-control", "max-age=1");
    return { hello: "world" };
  });
  const first = await ask(router);
  const tag = first.headers.get("etag")!;
  assert(/^"[\w-]{24}"$/.test(tag), tag);
  assertEquals(first.text, `{"hello":"world"}`);
  for (const condition of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
    const again = await ask(router, "/", { "if-none-match": condition });
    assertEquals([again.status, again.text], [304, ""], condition);
    assertEquals(again.headers.get("etag"), tag);
    assertEquals(again.headers.get("content-type"), null);
    assertEquals(again.headers.get("cache-control"), "max-age=1");
  }
  for (const condition of [`"x"`, "", tag.slice(1, -1), `"${tag}`]) {
    const again = await ask(router, "/", { "if-none-match": condition });
    assertEquals(again.status, 200, condition);
  }
});

Deno.test("etag leaves streams, errors and other methods alone", async () => {
  const router = around(etag({ limit: 10 }));
  router.get("/stream", (ctx) =>
    ctx.stream(async (writer) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      await writer.write("late");
    }));
  router.get("/large", () => "x".repeat(11));
  router.get("/secret", (ctx) => {
    ctx.header("cache-control", "no-store");
    return "x";
  });
  router.post("/post", () => "x");
  for (const path of ["/stream", "/large", "/secret", "/none"]) {
    assertEquals((await ask(router, path)).headers.get("etag"), null, path);
  }
  assertEquals((await ask(router, "/stream")).text, "late");
  assertEquals((await ask(router, "/large")).text, "x".repeat(11));
  const post = await ask(router, "/post", {}, { method: "POST" });
  assertEquals(post.headers.get("etag"), null);
});

Deno.test("etag uses the handler's own tag, and weak ones when told", async () => {
  const router = around(etag({ weak: true })).get("/own", (ctx) => {
    ctx.header("etag", `"mine"`);
    return "x";
  }).get("/", () => "x");
  const own = await ask(router, "/own", { "if-none-match": `W/"mine"` });
  assertEquals([own.status, own.headers.get("etag")], [304, `"mine"`]);
  assert((await ask(router)).headers.get("etag")!.startsWith(`W/"`));
  assertThrows(() => etag({ weak: 1 as never }), TypeError, `"weak"`);
});
