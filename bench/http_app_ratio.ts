/**
 * Requests per second of one route with a parameter and JSON: the server on one
 * core, wrk on the other, in interleaved rounds; ratios are those of one run.
 *
 * Targets: oresty >= 0.90 of bare Deno.serve (aim 0.95), >= 0.97 of hono, >= 0.96
 * of itself without counting; an async middleware <= 0.5 microseconds, counting a
 * request <= 250 nanoseconds (both measured in process).
 */
import { App, createApp } from "@oresty/oresty";
import { HttpRouter } from "@oresty/router";
import { median, record } from "./_measure.ts";
import { load, type Server, startServer } from "./_server.ts";

const quick = Deno.args.includes("--quick");
const rounds = quick ? 1 : 9;
const seconds = quick ? 1 : 3;
const names = [
  "bare",
  "oresty",
  "hono",
  "oresty_middleware",
  "oresty_uncounted",
];

// deno-lint-ignore no-undef -- newer than the list of the rule
await using stack = new AsyncDisposableStack();
const servers: Server[] = [];
for (const name of names) {
  servers.push(stack.use(await startServer(name, [`bench/http/${name}.ts`])));
}
for (const server of servers) await assertAnswers(server);

const all = new Map(names.map((name) => [name, [] as number[]]));
for (const server of servers) await load(`${server.url}/users/77`, 1); // warm-up
for (let i = 0; i < rounds; i++) {
  for (const server of servers) {
    all.get(server.name)!.push(await load(`${server.url}/users/77`, seconds));
  }
}
const figures: Record<string, unknown> = {};
const middle = (name: string) => median(all.get(name)!);
for (const [name, requests] of all) {
  const row = {
    requestsPerSecond: Math.round(middle(name)),
    min: Math.round(Math.min(...requests)),
    max: Math.round(Math.max(...requests)),
    ofBare: round(middle(name) / middle("bare")),
    ofHono: round(middle(name) / middle("hono")),
    ofUncounted: round(middle(name) / middle("oresty_uncounted")),
  };
  figures[name] = row;
  console.log(name.padEnd(20), JSON.stringify(row));
}
const cost = await costOf((wrapped) => {
  const app = createApp({ stat: false });
  if (wrapped) app.use(async (_ctx, next) => await next());
  return app.get("/users/:id", (ctx) => ({ id: ctx.params.id }));
});
figures["asyncMiddlewareNanoseconds"] = Math.round(cost);
console.log(`an async middleware: ${cost.toFixed(0)} ns`);
const counting = await costOf((counted) =>
  createApp({ stat: counted })
    .get("/users/:id", (ctx) => ({ id: ctx.params.id }))
);
figures["countingNanoseconds"] = Math.round(counting);
console.log(`counting a request: ${counting.toFixed(0)} ns`);
// What no way to measure times can do without: two readings of the clock.
const clock = await costOf((read) =>
  new HttpRouter(read ? { observer: clockObserver() } : {})
    .get("/users/:id", (ctx) => ({ id: ctx.params.id }))
);
figures["clockNanoseconds"] = Math.round(clock);
console.log(`of it, reading the clock twice: ${clock.toFixed(0)} ns`);
if (!quick) record("http_app", figures);

async function assertAnswers({ name, url }: Server): Promise<void> {
  for (const id of ["7", "ada"]) {
    const response = await fetch(`${url}/users/${id}?page=2`);
    const text = await response.text();
    const type = response.headers.get("content-type");
    if (text !== `{"id":"${id}"}` || type !== "application/json") {
      throw new Error(`${name} answers ${type} ${text}`);
    }
  }
}

/** Nanoseconds that a request takes longer with something than without. */
async function costOf(
  make: (hasIt: boolean) => Pick<HttpRouter, "fetch">,
): Promise<number> {
  const request = new Request("http://localhost/users/77");
  const info = {
    remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    completed: Promise.resolve(),
  } as const;
  const apps = [make(false), make(true)];
  const times: [number[], number[]] = [[], []];
  const calls = quick ? 20_000 : 100_000;
  for (let i = 0; i < 11; i++) {
    for (const [j, app] of apps.entries()) {
      const start = performance.now();
      for (let k = 0; k < calls; k++) await app.fetch(request, info);
      times[j]!.push((performance.now() - start) * 1e6 / calls);
    }
  }
  for (const app of apps) if (app instanceof App) await app.close();
  return median(times[1]) - median(times[0]);
}

function clockObserver() {
  let total = 0;
  return {
    begin: () => performance.now(),
    end: (began: number) => void (total += performance.now() - began),
  };
}

function round(ratio: number): number {
  return Math.round(ratio * 1000) / 1000;
}
