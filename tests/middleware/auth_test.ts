import { assert, assertEquals, assertThrows } from "@std/assert";
import { basicAuth } from "@oresty/router/basic-auth";
import { bearer } from "@oresty/router/bearer";
import { around, ask } from "./ask.ts";

const basic = (text: string) =>
  `Basic ${new TextEncoder().encode(text).toBase64()}`;

Deno.test("basicAuth lets in who knows both, and nobody else", async () => {
  const router = around(
    basicAuth({ users: { ada: "love:lace", zoë: "pässword" }, realm: `a "b"` }),
  ).get("/", (ctx) => `${ctx.state["user"]}`);
  const cases: [header: string | null, user: string | null][] = [
    [basic("ada:love:lace"), "ada"],
    [basic("zoë:pässword"), "zoë"],
    [basic("ada:love:lace").replace("Basic", "bAsIc"), "ada"],
    [basic("ada:love"), null],
    [basic("ada:love:lacex"), null],
    [basic("ada:"), null],
    [basic(":love:lace"), null],
    [basic("ada"), null],
    [basic("zoë:love:lace"), null],
    ["Basic", null],
    ["Basic !!!", null],
    ["Basic /w==", null],
    [`Basic ${"a".repeat(100_000)}`, null],
    ["Bearer ada:love:lace", null],
    [null, null],
  ];
  for (const [authorization, user] of cases) {
    const headers: HeadersInit = authorization === null
      ? {}
      : { authorization };
    const answer = await ask(router, "/", headers);
    const label = authorization?.slice(0, 60) ?? "none";
    assertEquals(answer.status, user === null ? 401 : 200, label);
    if (user !== null) assertEquals(answer.text, user);
    else {
      assertEquals(
        answer.headers.get("www-authenticate"),
        `Basic realm="a \\"b\\"", charset="UTF-8"`,
      );
    }
  }
});

Deno.test("basicAuth asks a function", async () => {
  const router = around(basicAuth({
    verify: (name, password) => Promise.resolve(name + password === "ab"),
  })).get("/", (ctx) => `${ctx.state["user"]}`);
  assertEquals(
    (await ask(router, "/", { authorization: basic("a:b") })).text,
    "a",
  );
  const no = await ask(router, "/", { authorization: basic("a:c") });
  assertEquals(no.status, 401);
});

Deno.test("basicAuth takes as long for a wrong name as for a wrong password", async () => {
  // What is equal is the work: one digest, compared to all of the table.
  const router = around(basicAuth({ users: { ada: "x".repeat(64) } }))
    .get("/", () => "in");
  const time = async (credentials: string) => {
    const times: number[] = [];
    for (let i = 0; i < 400; i++) {
      const start = performance.now();
      await ask(router, "/", { authorization: credentials });
      times.push(performance.now() - start);
    }
    return times.sort((a, b) => a - b)[200]!;
  };
  const near = basic(`ada:${"x".repeat(63)}y`);
  const far = basic(`bob:${"y".repeat(64)}`);
  await time(near);
  const ratio = await time(near) / await time(far);
  assert(ratio > 0.5 && ratio < 2, `${ratio}`);
});

Deno.test("bearer knows its tokens", async () => {
  const router = around(bearer({ tokens: { ci: "abc.DEF~1=", bot: "xyz" } }))
    .get("/", (ctx) => `${ctx.state["user"]}`);
  const get = (authorization: string) => ask(router, "/", { authorization });
  assertEquals((await get("Bearer abc.DEF~1=")).text, "ci");
  assertEquals((await get("bearer  xyz")).text, "bot");
  const none = await ask(router);
  assertEquals(none.headers.get("www-authenticate"), `Bearer realm="api"`);
  for (const wrong of ["Bearer abc", "Bearer ", "Bearer xyz1"]) {
    const answer = await get(wrong);
    assertEquals(answer.status, 401, wrong);
    assertEquals(
      answer.headers.get("www-authenticate"),
      `Bearer realm="api", error="invalid_token"`,
    );
  }
});

Deno.test("bearer keeps what a function finds", async () => {
  const router = around(bearer({
    verify: (token) => token === "t" ? { id: 7 } : undefined,
  })).get("/", (ctx) => ctx.state["user"]);
  const yes = await ask(router, "/", { authorization: "Bearer t" });
  assertEquals(yes.text, `{"id":7}`);
  const no = await ask(router, "/", { authorization: "Bearer u" });
  assertEquals(no.status, 401);
});

Deno.test("who lets in nobody, or everybody, is refused", () => {
  for (const options of [undefined, {}, { users: {}, verify: () => true }]) {
    assertThrows(() => basicAuth(options as never), TypeError, `"users"`);
  }
  assertThrows(() => basicAuth({ users: { "a:b": "c" } }), TypeError, "a:b");
  assertThrows(() => basicAuth({ users: { a: "" } }), TypeError);
  for (const options of [undefined, {}, { tokens: {}, verify: () => 1 }]) {
    assertThrows(() => bearer(options as never), TypeError, `"tokens"`);
  }
  for (const wrong of [null, "abc", ["a"], 7]) {
    assertThrows(() => basicAuth({ users: wrong as never }), TypeError);
    const error = assertThrows(
      () => bearer({ tokens: wrong as never }),
      TypeError,
      `"tokens"`,
    );
    assert(!error.message.includes("abc"), error.message);
  }
  const secret = "not a token of theirs";
  const error = assertThrows(
    () => bearer({ tokens: { ci: secret } }),
    TypeError,
  );
  assert(!error.message.includes(secret), error.message);
});
