import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Context, type CookieOptions, HttpRouter } from "@oresty/router";
import { MemoryLog } from "./http_fakes.ts";

const OLD = "an old secret of sixteen";
const NEW = "a new secret of sixteen";

/** Runs with the cookies of a request; gives the Set-Cookie headers. */
async function withCookies(
  run: (ctx: Context) => unknown,
  cookie = "",
  secrets: string[] | null = null,
): Promise<string[]> {
  const log = new MemoryLog();
  const router = new HttpRouter({ log, ...(secrets && { secrets }) });
  let thrown: unknown;
  router.get("/", async (ctx) => {
    try {
      await run(ctx as Context);
    } catch (error) {
      thrown = error;
    }
    return null;
  });
  const headers: Record<string, string> = cookie === "" ? {} : { cookie };
  const response = await router.request("/", { headers });
  if (thrown !== undefined) throw thrown;
  return response.headers.getSetCookie();
}

Deno.test("cookies are sent with careful defaults", async () => {
  type Case = [name: string, value: string, CookieOptions, expected: string];
  const cases: Case[] = [
    ["a", "b", {}, "a=b; Path=/; HttpOnly; SameSite=Lax"],
    ["a", "", {}, "a=; Path=/; HttpOnly; SameSite=Lax"],
    [
      "a",
      'ä ;,="\\\r\n',
      {},
      "a=%C3%A4%20%3B%2C%3D%22%5C%0D%0A; Path=/; HttpOnly; SameSite=Lax",
    ],
    [
      "a",
      "b",
      { maxAge: 60, path: "/x", domain: "example.com", httpOnly: false },
      "a=b; Max-Age=60; Domain=example.com; Path=/x; SameSite=Lax",
    ],
    [
      "a",
      "b",
      { expires: new Date(0), sameSite: "strict", secure: true },
      "a=b; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; " +
      "HttpOnly; Secure; SameSite=Strict",
    ],
    [
      "a",
      "b",
      { sameSite: "none" },
      "a=b; Path=/; HttpOnly; Secure; SameSite=None",
    ],
    [
      "a",
      "b",
      { sameSite: "none", secure: false },
      "a=b; Path=/; HttpOnly; Secure; SameSite=None",
    ],
    [
      "a",
      "b",
      { partitioned: true },
      "a=b; Path=/; HttpOnly; Secure; Partitioned; SameSite=Lax",
    ],
    [
      "__Host-a",
      "b",
      { secure: false },
      "__Host-a=b; Path=/; HttpOnly; Secure; SameSite=Lax",
    ],
    [
      "__Secure-a",
      "b",
      { path: "/x" },
      "__Secure-a=b; Path=/x; HttpOnly; Secure; SameSite=Lax",
    ],
  ];
  for (const [name, value, options, expected] of cases) {
    assertEquals(
      await withCookies((ctx) => ctx.cookies.set(name, value, options)),
      [expected],
    );
  }
});

Deno.test("a __Host- cookie takes no domain and no other path", async () => {
  for (const options of [{ domain: "a.example" }, { path: "/x" }]) {
    const error = await assertRejects(
      () => withCookies((ctx) => ctx.cookies.set("__Host-a", "b", options)),
      TypeError,
    );
    assert(error.message.startsWith('Cannot set cookie "__Host-a"'));
  }
});

Deno.test("what cannot be in a cookie is refused", async () => {
  const cases: [name: string, CookieOptions][] = [
    ["", {}],
    ["a b", {}],
    ["a;b", {}],
    ["a=b", {}],
    ["a\r\nx", {}],
    ["ä", {}],
    ["a", { path: "/;x" }],
    ["a", { path: "/\r\n" }],
    ["a", { domain: "a b" }],
    ["a", { domain: "a;b" }],
    ["a", { maxAge: 1.5 }],
    ["a", { maxAge: NaN }],
    ["a", { expires: new Date(NaN) }],
    ["a", { sameSite: "loose" as "lax" }],
  ];
  for (const [name, options] of cases) {
    await assertRejects(
      () => withCookies((ctx) => ctx.cookies.set(name, "b", options)),
      TypeError,
      undefined,
      JSON.stringify([name, options]),
    );
  }
});

Deno.test("several cookies are several headers, deleting is one of them", async () => {
  assertEquals(
    await withCookies((ctx) => {
      ctx.cookies.set("a", "1");
      ctx.cookies.set("a", "2");
      ctx.cookies.delete("b");
      ctx.cookies.delete("c", { path: "/x", domain: "a.example" });
      ctx.cookies.delete("__Host-d");
    }),
    [
      "a=1; Path=/; HttpOnly; SameSite=Lax",
      "a=2; Path=/; HttpOnly; SameSite=Lax",
      "b=; Max-Age=0; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; " +
      "HttpOnly; SameSite=Lax",
      "c=; Max-Age=0; Domain=a.example; Path=/x; " +
      "Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax",
      "__Host-d=; Max-Age=0; Path=/; " +
      "Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax",
    ],
  );
});

Deno.test("cookies of the request are decoded, the first of a name counts", async () => {
  const cases: [header: string, name: string, value: string | undefined][] = [
    ["", "a", undefined],
    ["a=1", "a", "1"],
    ["a=1; b=2", "b", "2"],
    ["a=1;b=2", "b", "2"],
    ["a=1; a=2", "a", "1"],
    ["a=%C3%A4%3B", "a", "ä;"],
    ["a=%zz", "a", "%zz"],
    ["a=x=y", "a", "x=y"],
    ["a=", "a", ""],
    ["a", "a", undefined],
    ["=a; ;;", "a", undefined],
    ["A=1", "a", undefined],
    ["__proto__=1", "__proto__", "1"],
    ["a=1", "__proto__", undefined],
    ["a=1", "toString", undefined],
    ["a=1", "constructor", undefined],
  ];
  for (const [header, name, value] of cases) {
    let got: string | undefined = "not asked";
    await withCookies((ctx) => got = ctx.cookies.get(name), header);
    assertEquals(got, value, `${name} of ${header}`);
  }
});

/** The value that a signed cookie has on the wire. */
async function signed(
  name: string,
  value: string,
  secrets: string[],
): Promise<string> {
  const [header] = await withCookies(
    (ctx) => ctx.cookies.setSigned(name, value),
    "",
    secrets,
  );
  return header!.slice(name.length + 1, header!.indexOf(";"));
}

async function getSigned(
  cookie: string,
  name: string,
  secrets: string[],
): Promise<string | undefined> {
  let got: string | undefined = "not asked";
  await withCookies(
    async (ctx) => got = await ctx.cookies.getSigned(name),
    cookie,
    secrets,
  );
  return got;
}

Deno.test("signed cookies come back as they were set", async () => {
  for (const value of ["", "7", "a.b.c", "ä ;=", ".", "x".repeat(3000)]) {
    const wire = await signed("s", value, [NEW]);
    assertEquals(await getSigned(`s=${wire}`, "s", [NEW]), value);
    assert(wire.length > value.length + 40);
  }
  assertEquals(await getSigned("", "s", [NEW]), undefined);
});

Deno.test("forged, cut and renamed cookies are none", async () => {
  const wire = await signed("role", "user", [NEW]);
  const signature = wire.slice(wire.lastIndexOf(".") + 1);
  const flipped = (signature[0] === "A" ? "B" : "A") + signature.slice(1);
  const other = (await signed("role", "admin", [OLD])).split(".")[1];
  const forged = [
    "user",
    "user.",
    ".",
    "",
    `admin.${signature}`,
    `user.${flipped}`,
    `user.${signature.slice(0, -1)}`,
    `user.${signature.slice(0, 20)}`,
    `user.${signature}A`,
    `user.${signature}${signature}`,
    `user.x.${signature}`,
    `.${signature}`,
    `user.${encodeURIComponent("ä")}`,
    "user.!!!!",
    `user.${"A".repeat(43)}`,
    `admin.${other}`,
    signature,
    "user." + "A".repeat(10_000),
  ];
  for (const value of forged) {
    assertEquals(await getSigned(`role=${value}`, "role", [NEW]), undefined);
  }
  // What was signed as one cookie does not stand in for another.
  assertEquals(await getSigned(`admin=${wire}`, "admin", [NEW]), undefined);
  assertEquals(await getSigned(`role=${wire}`, "role", [NEW]), "user");
});

Deno.test("the newest secret signs, all of them verify", async () => {
  const old = await signed("s", "v", [OLD]);
  assertEquals(await getSigned(`s=${old}`, "s", [NEW, OLD]), "v");
  assertEquals(await getSigned(`s=${old}`, "s", [NEW]), undefined);
  const rotated = await signed("s", "v", [NEW, OLD]);
  assertEquals(await getSigned(`s=${rotated}`, "s", [NEW]), "v");
  assertEquals(await getSigned(`s=${rotated}`, "s", [OLD]), undefined);
});

Deno.test("without secrets there are no signed cookies", async () => {
  const runs: ((ctx: Context) => unknown)[] = [
    (ctx) => ctx.cookies.getSigned("s"),
    (ctx) => ctx.cookies.setSigned("s", "v"),
  ];
  for (const run of runs) {
    await assertRejects(
      () => withCookies(run, "s=v.x"),
      TypeError,
      'Cannot sign a cookie: the application has no option "secrets"',
    );
  }
  for (const secrets of [[], ["short"], [NEW, "short"]]) {
    assertThrows(() => new HttpRouter({ secrets }), TypeError, "Cannot sign");
  }
});

Deno.test("an error's message does not hold the secret", () => {
  const error = assertThrows(() => new HttpRouter({ secrets: ["hunter2"] }));
  assert(!error.message.includes("hunter2"));
});

Deno.test("an unknown option of a cookie is refused, signed: true above all", async () => {
  const router = new HttpRouter({ dev: true, log: new MemoryLog() });
  router.get("/", (ctx) => {
    ctx.cookies.set("a", "1", { signed: true } as object);
    return "set";
  });
  const response = await router.request("/");
  assertEquals(response.status, 500);
  assertEquals(response.headers.get("set-cookie"), null);
});
