import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  MemorySessionStore,
  type Session,
  session,
  type SessionOptions,
  type SessionStore,
} from "@oresty/router/session";
import type { HttpRouter } from "@oresty/router";
import { around, ask, SECRETS } from "./ask.ts";

/** A store that counts, in memory. */
class CountingStore implements SessionStore {
  readonly texts: Map<string, string> = new Map();
  readonly calls: string[] = [];

  get(id: string): Promise<string | undefined> {
    this.calls.push("get");
    return Promise.resolve(this.texts.get(id));
  }

  async set(id: string, text: string): Promise<void> {
    await Promise.resolve();
    this.calls.push("set");
    this.texts.set(id, text);
  }

  delete(id: string): void {
    this.calls.push("delete");
    this.texts.delete(id);
  }
}

function app(options: SessionOptions = {}): HttpRouter {
  const router = around(session(options), { secrets: SECRETS });
  const of = (ctx: { state: Record<string, unknown> }) =>
    ctx.state["session"] as Session;
  router.get("/read", (ctx) => ({ ...Object.fromEntries(of(ctx).entries()) }));
  router.get("/set/:name/:value", (ctx) => {
    of(ctx).set(ctx.params.name, ctx.params.value);
    return null;
  });
  router.get("/push", (ctx) => {
    const list = of(ctx).get<number[]>("list");
    if (list === undefined) of(ctx).set("list", []);
    else list.push(list.length);
    return null;
  });
  router.get("/login", (ctx) => {
    of(ctx).regenerate();
    of(ctx).set("user", "ada");
    return null;
  });
  router.get("/logout", (ctx) => {
    of(ctx).destroy();
    return null;
  });
  router.get("/fails", (ctx) => {
    of(ctx).set("kept", true);
    throw new Error("after a change");
  });
  return router;
}

/** A browser with the one cookie. */
class Visitor {
  cookie = "";
  readonly router: HttpRouter;

  constructor(router: HttpRouter) {
    this.router = router;
  }

  async go(path: string): Promise<string> {
    const headers: HeadersInit = this.cookie === ""
      ? {}
      : { cookie: this.cookie };
    const answer = await ask(this.router, path, headers);
    const [set] = answer.headers.getSetCookie();
    if (set !== undefined) this.cookie = set.split(";", 1)[0]!;
    return answer.text;
  }
}

Deno.test("a session stays with its visitor alone", async () => {
  const router = app();
  const [ada, bob] = [new Visitor(router), new Visitor(router)];
  await ada.go("/set/name/ada");
  await bob.go("/set/name/bob");
  assertEquals(await ada.go("/read"), `{"name":"ada"}`);
  assertEquals(await bob.go("/read"), `{"name":"bob"}`);
  await ada.go("/set/__proto__/x");
  assertEquals(await ada.go("/read"), `{"name":"ada","__proto__":"x"}`);
  assertEquals(({} as Record<string, unknown>)["x"], undefined);
});

Deno.test("a session without values has no cookie and no entry", async () => {
  const store = new CountingStore();
  const router = app({ store });
  const { headers, text } = await ask(router, "/read");
  assertEquals([headers.getSetCookie(), text], [[], "{}"]);
  assertEquals(store.calls, []);
});

Deno.test("a session is saved when it changed, and in depth", async () => {
  const store = new CountingStore();
  const visitor = new Visitor(app({ store }));
  await visitor.go("/push");
  await visitor.go("/push");
  await visitor.go("/push");
  assertEquals(await visitor.go("/read"), `{"list":[0,1]}`);
  assertEquals(
    store.calls.join(" "),
    "set get get set get get set get",
  );
  await visitor.go("/fails");
  assert((await visitor.go("/read")).includes(`"kept":true`));
});

Deno.test("the cookie is hidden, signed, and secure over https", async () => {
  const router = app({
    ttl: "1h",
    name: "sid",
    cookie: { sameSite: "strict" },
  });
  const plain = await ask(router, "/set/a/b");
  assert(
    /^sid=[\w-]{43}\.[\w-]{43}; Max-Age=3600; Path=\/; HttpOnly; SameSite=Strict$/
      .test(plain.headers.get("set-cookie")!),
    plain.headers.get("set-cookie")!,
  );
  const response = await router.fetch(new Request("https://a.example/set/a/b"));
  await response.body?.cancel();
  assert(response.headers.get("set-cookie")!.includes("; Secure"));
});

Deno.test("forged and truncated cookies are a new visitor's", async () => {
  const store = new CountingStore();
  const router = app({ store });
  const visitor = new Visitor(router);
  await visitor.go("/set/name/ada");
  const { cookie } = visitor;
  const [id, signature] = cookie.slice("session=".length).split(".") as [
    string,
    string,
  ];
  store.calls.length = 0;
  for (
    const forged of [
      `session=${id}`,
      `session=${id}.`,
      `session=${id}.${signature.slice(0, -1)}`,
      `session=${id}.${signature}A`,
      `session=${"A".repeat(43)}.${signature}`,
      `session=.${signature}`,
      `session=`,
      `session=${id}.${"A".repeat(43)}`,
      `session=${"x".repeat(7000)}`,
      `other=${id}.${signature}`,
    ]
  ) {
    const { text } = await ask(router, "/read", { cookie: forged });
    assertEquals(text, "{}", forged);
  }
  // None of them reached the store.
  assertEquals(store.calls, []);
  assertEquals(await visitor.go("/read"), `{"name":"ada"}`);
});

Deno.test("an id that was planted is worth nothing after the sign-in", async () => {
  const router = app();
  const attacker = new Visitor(router);
  await attacker.go("/set/cart/1");
  const victim = new Visitor(router);
  victim.cookie = attacker.cookie;
  await victim.go("/login");
  assert(victim.cookie !== attacker.cookie);
  assertEquals(await victim.go("/read"), `{"cart":"1","user":"ada"}`);
  assertEquals(await attacker.go("/read"), "{}");
});

Deno.test("an id that the store does not know is not taken up", async () => {
  const store = new CountingStore();
  const router = app({ store });
  const visitor = new Visitor(router);
  await visitor.go("/set/a/1");
  const planted = visitor.cookie;
  store.texts.clear();
  await visitor.go("/set/a/2");
  assert(visitor.cookie !== planted);
  assertEquals(store.texts.size, 1);
});

Deno.test("a session ends by destroy, and by time", async () => {
  const store = new MemorySessionStore();
  const router = app({ store, ttl: "1s" });
  const visitor = new Visitor(router);
  await visitor.go("/set/a/1");
  const { cookie } = visitor;
  const gone = await ask(router, "/logout", { cookie });
  assert(gone.headers.get("set-cookie")!.startsWith("session=; Max-Age=0"));
  assertEquals((await ask(router, "/read", { cookie })).text, "{}");
  assertEquals(store.size, 0);

  await visitor.go("/set/b/1");
  assertEquals(await visitor.go("/read"), `{"b":"1"}`);
  await new Promise((resolve) => setTimeout(resolve, 1050));
  assertEquals(await visitor.go("/read"), "{}");
});

Deno.test("a session that is used lives longer, if rolling", async () => {
  const times = async (rolling: boolean) => {
    const store = new CountingStore();
    const visitor = new Visitor(app({ store, ttl: "10s", rolling }));
    await visitor.go("/set/a/1");
    const [id, text] = [...store.texts][0]!;
    const { saved, data } = JSON.parse(text);
    store.texts.set(id, JSON.stringify({ saved: saved - 2, data }));
    store.calls.length = 0;
    await visitor.go("/read");
    return store.calls.join(" ");
  };
  assertEquals(await times(true), "get get set");
  assertEquals(await times(false), "get");
});

Deno.test("a session ends by time also in a store that keeps all", async () => {
  const store = new CountingStore();
  const visitor = new Visitor(app({ store, ttl: "10s" }));
  await visitor.go("/set/a/1");
  const [id, text] = [...store.texts][0]!;
  const { saved, data } = JSON.parse(text);
  store.texts.set(id, JSON.stringify({ saved: saved - 12, data }));
  assertEquals(await visitor.go("/read"), "{}");
});

/** A visitor with a session, and requests of hers that wait for each other. */
async function atOnce(store: SessionStore): Promise<{
  visitor: Visitor;
  begin: (path: string) => Promise<() => Promise<string>>;
}> {
  const router = app({ store });
  const { promise, resolve: arrive } = Promise.withResolvers<void>();
  let arrived = promise;
  let told = arrive;
  router.get("/slow/:name", async (ctx) => {
    const { promise: gate, resolve } = Promise.withResolvers<void>();
    gates.push(resolve);
    told();
    await gate;
    const session = ctx.state["session"] as Session;
    if (ctx.params.name === "leave") session.delete("a");
    else session.set(ctx.params.name, "slow");
    return null;
  });
  const gates: (() => void)[] = [];
  const visitor = new Visitor(router);
  await visitor.go("/set/a/1");
  const begin = async (path: string) => {
    const next = Promise.withResolvers<void>();
    [arrived, told] = [next.promise, next.resolve];
    const answer = visitor.go(path);
    await arrived;
    const open = gates.pop()!;
    return () => {
      open();
      return answer;
    };
  };
  return { visitor, begin };
}

for (
  const [name, makeStore] of [
    ["in memory", () => new MemorySessionStore()],
    ["elsewhere", () => new CountingStore()],
  ] as const
) {
  Deno.test(`requests at once keep each other's changes, ${name}`, async () => {
    const { visitor, begin } = await atOnce(makeStore());
    const first = await begin("/slow/b");
    const second = await begin("/slow/leave");
    await visitor.go("/set/c/3");
    await second();
    await first();
    assertEquals(
      JSON.parse(await visitor.go("/read")),
      { b: "slow", c: "3" },
    );
  });

  Deno.test(`a slow request does not bring an ended session back, ${name}`, async () => {
    for (const path of ["/logout", "/login"]) {
      const { visitor, begin } = await atOnce(makeStore());
      const old = visitor.cookie;
      const slow = await begin("/slow/b");
      await visitor.go(path);
      const { cookie } = visitor;
      await slow();
      const after = new Visitor(visitor.router);
      after.cookie = old;
      assertEquals(await after.go("/read"), "{}", path);
      // Nor does it take the new cookie away.
      assertEquals(visitor.cookie, cookie);
    }
  });
}

Deno.test("many requests at once lose nothing in memory", async () => {
  const visitor = new Visitor(app());
  await visitor.go("/set/first/1");
  await Promise.all(
    Array.from({ length: 50 }, (_, i) => visitor.go(`/set/n${i}/x`)),
  );
  const values = JSON.parse(await visitor.go("/read"));
  assertEquals(Object.keys(values).length, 51);
});

Deno.test("a session without secrets is an error at once", async () => {
  const router = around(session()).get("/", () => "x");
  assertEquals((await ask(router)).status, 500);
});

Deno.test("what a store gives and is no session is none", async () => {
  const store = new CountingStore();
  const visitor = new Visitor(app({ store }));
  await visitor.go("/set/a/1");
  const id = [...store.texts.keys()][0]!;
  for (const text of ["", "x", "null", "[]", `{"data":{}}`, `{"saved":1}`]) {
    store.texts.set(id, text);
    assertEquals(await visitor.go("/read"), "{}", text);
  }
});

Deno.test("a store that fails is an error, not a lost session", async () => {
  const store = new CountingStore();
  const router = app({ store });
  store.set = () => Promise.reject(new Error("the store is down"));
  assertEquals((await ask(router, "/set/a/1")).status, 500);
});

Deno.test("the memory store is bounded", () => {
  const store = new MemorySessionStore({ most: 100 });
  for (let i = 0; i < 10_000; i++) store.set(`${i}`, "{}", 60);
  assertEquals(store.size, 100);
  assertEquals(store.get("9999"), "{}");
  assertEquals(store.get("9899"), undefined);
  assertThrows(() => new MemorySessionStore({ most: 0 }), TypeError, `"0"`);
});

Deno.test("session refuses options that cannot be meant", () => {
  assertThrows(() => session({ ttl: "soon" }), TypeError, `"soon"`);
  assertThrows(() => session({ ttl: 0 }), RangeError, `"0"`);
  assertThrows(() => session({ name: "a b" }), TypeError, `"a b"`);
  assertThrows(() => session({ store: {} as never }), TypeError, `"get"`);
  assertThrows(() => session({ cookie: { domain: "a b;" } }), TypeError);
  assertThrows(
    () => session({ name: "__Host-sid", cookie: { path: "/a" } }),
    TypeError,
    "__Host-sid",
  );
  assertThrows(
    () => session({ cookie: { maxAge: 1 } as never }),
    TypeError,
    "maxAge",
  );
});
