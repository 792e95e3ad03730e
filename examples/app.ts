/**
 * The demo: one working example of each module. `deno serve -A examples/app.ts`
 * serves it as it stands; `examples/server.ts` listens by itself.
 */
import { type App, cache, createApp, HttpError, stat } from "@oresty/oresty";
import { configOrExit, Secret, secret, size, text } from "@oresty/config";
import { SharedDict } from "@oresty/shm";
import { field, shape } from "./_schema.ts";
import { moduleNames } from "./_modules.ts";
import { assets } from "./_assets.ts";

const config = await configOrExit({
  dir: new URL(".", import.meta.url),
  schema: {
    app: {
      greeting: text(),
      cache: size(),
      // A demo's secret is no secret; a service takes its own from outside.
      cookies: secret({
        default: new Secret("the demo signs cookies with this"),
      }),
    },
  },
});

const memory = await SharedDict.open("tlcache", {
  size: config.value.app.cache,
});
const app: App = createApp({
  cache: await cache.open("demo", memory, { ttl: "1m" }),
  templates: new URL("./template/", import.meta.url),
  secrets: [config.value.app.cookies.reveal()],
});

app.use(async (_ctx, next) => {
  const response = await next();
  if (!response.headers.has("content-security-policy")) {
    response.headers.set("content-security-policy", "default-src 'self'");
  }
  response.headers.set("x-content-type-options", "nosniff");
  return response;
});

app.get("/config", () => config.value);
app.get("/text", () => "A text is text/plain, 文本即 text/plain");
app.get("/json", () => ({ modules: moduleNames, time: new Date() }));
app.get("/add/:a(\\d+)/:b(\\d+)", (ctx) => ({
  sum: Number(ctx.params.a) + Number(ctx.params.b),
}));
app.get("/greet/:name", { name: "greet" }, (ctx) => ({
  hello: ctx.params.name,
  next: ctx.urlFor("greet", { name: "世界" }),
}));

const Comment = shape({
  name: field(1, 20),
  text: field(3, 200),
});
app.post("/comments", { body: Comment }, (ctx) => {
  ctx.status(201);
  return ctx.valid.body;
});

app.get("/cached", async (ctx) => {
  const { value, hitLevel, source, ttl } = await ctx.app.cache.lookup(
    "time",
    { ttl: 5, grace: 60, timeout: "50ms" },
    async () => {
      await pause(100);
      return new Date().toISOString();
    },
  );
  return { value, hitLevel, source, ttl, stats: ctx.app.cache.stats() };
});
app.delete("/cached", async (ctx) => {
  await ctx.app.cache.delete("time");
  return null;
});

const STATUS = "http://127.0.0.1:9464/status";
app.get("/status", async (ctx) => {
  // It has a worker of its own: the demo starts it when somebody wants to look.
  await stat.serve({ port: 9464 });
  return ctx.redirect(STATUS);
});

app.get("/stream", (ctx) =>
  ctx.stream(async (writer) => {
    for (let i = 1; i <= 5; i++) {
      await writer.write(`line ${i}\n`);
      await pause(150);
    }
  }, "text/plain; charset=utf-8"));

app.get("/clock", (ctx) =>
  ctx.sse(async (events) => {
    const ends = AbortSignal.any([events.signal, ctx.app.closing]);
    while (!ends.aborted) {
      await events.send({ event: "tick", data: new Date() });
      await pause(1000, ends);
    }
  }));

app.get("/echo", (ctx) => {
  const { socket, response } = ctx.upgrade();
  socket.onmessage = ({ data }) => socket.send(String(data).slice(0, 1000));
  return response;
});

app.get("/counter", async (ctx) => {
  const seen = Number(await ctx.cookies.getSigned("seen") ?? "0") + 1;
  await ctx.cookies.setSigned("seen", String(seen), { maxAge: 3600 });
  return { seen };
});

app.get("/error", () => {
  throw new Error("Something the client must not read");
});
app.get("/teapot", () => {
  throw new HttpError(418, "I cannot make coffee");
});

app.mount("/mounted", (request) => {
  const { pathname } = new URL(request.url);
  return new Response(`another fetch handler, it sees ${pathname}`);
});

app.get("/assets/:file", assets);

await app.controllers(new URL("./ctrl/", import.meta.url));

/** Waits, but not longer than the signal allows. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}

export default app;
