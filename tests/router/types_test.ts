import { assertEquals } from "@std/assert";
import {
  type Context,
  type Handler,
  HttpRouter,
  type PathParams,
  type RouteGroup,
  type Schema,
  type Validated,
} from "@oresty/router";
import * as v from "valibot";

// Checked by the compiler: that this file compiles is the test. The functions
// are there so that the suite names what was checked.

/** True when both types are the same, optional and readonly included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

function holds<T extends true>(): T {
  return true as T;
}

function never(): void {
  throw new Error("only compiled");
}

Deno.test("PathParams reads every part of the pattern language", () => {
  type None = Record<never, string>;
  holds<Same<PathParams<"/">, None>>();
  holds<Same<PathParams<"/a/b">, None>>();
  holds<Same<PathParams<"/:id">, { id: string }>>();
  holds<Same<PathParams<"/:a/b/:c_2">, { a: string; c_2: string }>>();
  holds<Same<PathParams<"/:lang?">, { lang?: string }>>();
  holds<Same<PathParams<"/:a/:b?">, { a: string; b?: string }>>();
  holds<Same<PathParams<"/*rest">, { rest: string }>>();
  holds<Same<PathParams<"/a/:id/*">, { id: string; "*": string }>>();
  holds<Same<PathParams<"/:name.:ext">, { name: string; ext: string }>>();
  holds<
    Same<PathParams<"/:a-:b-:c.png">, { a: string; b: string; c: string }>
  >();
  holds<
    Same<PathParams<"/@:scope/v:version">, { scope: string; version: string }>
  >();
});

Deno.test("PathParams passes over constraints, whatever is in them", () => {
  holds<Same<PathParams<"/:id(\\d+)">, { id: string }>>();
  holds<Same<PathParams<"/:t(\\d\\d:\\d\\d)/:x">, { t: string; x: string }>>();
  holds<Same<PathParams<"/:t(:a|:b)/:x">, { t: string; x: string }>>();
  holds<
    Same<PathParams<"/:l(en|zh(?:-(?:CN|TW))?)/:x">, { l: string; x: string }>
  >();
  holds<Same<PathParams<"/:l(a(?:b(?:c)))?">, { l?: string }>>();
  holds<Same<PathParams<"/:p([)(:x]+)/:y">, { p: string; y: string }>>();
  holds<Same<PathParams<"/:p([\\])]+)/:y">, { p: string; y: string }>>();
  holds<Same<PathParams<"/:p(\\(:a\\))/:y">, { p: string; y: string }>>();
  holds<Same<PathParams<"/:s([^/]+)/*rest">, { s: string; rest: string }>>();
  holds<Same<PathParams<"/:a(\\d+)-:b(\\w+)">, { a: string; b: string }>>();
});

Deno.test("PathParams passes over escapes", () => {
  type None = Record<never, string>;
  holds<Same<PathParams<"/op\\:cancel">, None>>();
  holds<Same<PathParams<"/\\*x">, None>>();
  holds<Same<PathParams<"/\\:a/:b">, { b: string }>>();
  holds<Same<PathParams<"/:h\\::m">, { h: string; m: string }>>();
  holds<Same<PathParams<"/\\\\:a">, { a: string }>>();
});

Deno.test("PathParams of any string are any texts", () => {
  holds<Same<PathParams<string>, Record<string, string>>>();
});

Deno.test("handlers have the parameters of their pattern and prefix", () => {
  const router = new HttpRouter();
  router.get("/users/:id/:tab?", (ctx) => {
    holds<Same<typeof ctx.params, { id: string; tab?: string }>>();
    const id: string = ctx.params.id;
    // @ts-expect-error may be missing
    const tab: string = ctx.params.tab;
    // @ts-expect-error no such parameter
    return [id, tab, ctx.params.name];
  });
  router.group("/orgs/:org", (orgs) => {
    holds<
      Same<
        typeof orgs extends RouteGroup<infer _, infer P> ? P : 0,
        "/orgs/:org"
      >
    >();
    orgs.get("/", (ctx) => {
      holds<Same<typeof ctx.params, { org: string }>>();
    });
    orgs.group("/teams/:team(\\d+)", (teams) => {
      teams.post("/members/*rest", (ctx) => {
        type Expected = { org: string; team: string; rest: string };
        holds<Same<typeof ctx.params, Expected>>();
      });
      teams.on(["LOCK", "UNLOCK"], "/:x", (ctx) => {
        // @ts-expect-error of another pattern
        ctx.params.rest;
        return ctx.params.x + ctx.params.org;
      });
    });
  });
  const pattern = `/${"a"}/:x` as string;
  router.get(pattern, (ctx) => {
    holds<Same<typeof ctx.params, Record<string, string>>>();
  });
  const named: Handler<{ id: string }> = (ctx) => ctx.params.id;
  router.get("/named/:id", named);
  // @ts-expect-error the pattern has no such parameter
  router.get("/other/:name", named);
});

Deno.test("ctx.valid has the output of the schemas that were given", () => {
  const router = new HttpRouter();
  const params = v.object({ id: v.pipe(v.string(), v.transform(Number)) });
  const body = v.object({ name: v.string(), age: v.optional(v.number()) });
  router.post("/:id", { params, body, name: "x" }, (ctx) => {
    holds<Same<typeof ctx.valid.params, { id: number }>>();
    const age: number | undefined = ctx.valid.body.age;
    // @ts-expect-error a number by now
    const id: string = ctx.valid.params.id;
    // @ts-expect-error no schema for the query
    return [age, id, ctx.valid.query];
  });
  router.get("/plain", { name: "y" }, (ctx) => {
    holds<Same<typeof ctx.valid, Validated<{ readonly name: "y" }>>>();
    // @ts-expect-error no schemas at all
    return ctx.valid.body;
  });
  router.get("/none", (ctx) => {
    holds<Same<typeof ctx.valid, unknown>>();
  });
  type Custom = Validated<{ query: Schema<{ n: bigint }> }>;
  holds<Same<Custom, { readonly query: { n: bigint } }>>();
});

Deno.test("options of routes and routers are typed", () => {
  const options = () => {
    const router = new HttpRouter();
    // @ts-expect-error unknown option
    router.get("/", { timeot: 1 }, () => 1);
    // @ts-expect-error no schema
    router.post("/", { body: {} }, () => 1);
    // @ts-expect-error no handler
    router.get("/", { name: "x" });
    // @ts-expect-error unknown value
    new HttpRouter({ trailingSlash: "loose" });
    // @ts-expect-error unknown option
    new HttpRouter({ casesensitive: true });
    // @ts-expect-error middleware is no text
    router.use("/path", () => 1);
  };
  assertEquals(typeof options, "function");
});

Deno.test("ctx.app and ctx.state are those of the environment", () => {
  interface Mine {
    app: { version: number };
    state: { user?: { name: string } };
  }
  const router = new HttpRouter<Mine>({ app: { version: 1 } });
  router.use((ctx, next) => {
    ctx.state.user = { name: "Ada" };
    // @ts-expect-error no text
    ctx.state.user = "Ada";
    // @ts-expect-error no such state
    ctx.state.other = 1;
    return next();
  });
  router.group("/g", (group) => {
    group.get("/:id", (ctx) => {
      holds<Same<typeof ctx.app, { version: number }>>();
      holds<Same<typeof ctx, Context<{ id: string }, Mine>>>();
      return ctx.state.user?.name;
    });
  });
  router.onError((error, ctx) => {
    holds<Same<typeof error.status, number>>();
    return ctx.app.version;
  });
  router.notFound((ctx) => ctx.app.version);
  new HttpRouter().get("/", (ctx) => {
    holds<Same<typeof ctx.app, unknown>>();
    holds<Same<typeof ctx.state, Record<string, unknown>>>();
  });
});

Deno.test("the context's readers are typed", () => {
  const handler = async (ctx: Context) => {
    holds<Same<typeof ctx.query, Record<string, string>>>();
    const body = await ctx.json();
    holds<Same<typeof body, unknown>>();
    const typed = await ctx.json<{ a: number }>();
    holds<Same<typeof typed.a, number>>();
    const input = await ctx.input();
    holds<Same<typeof input, Record<string, unknown>>>();
    never();
  };
  assertEquals(typeof handler, "function");
});
