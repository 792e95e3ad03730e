/** A shop that is busy by itself, for pictures of its status page. */
import { cache, createApp, stat } from "@oresty/oresty";
import { SharedDict } from "@oresty/shm";

const memory = await SharedDict.open("shop", { size: "4m" });
const open = (name: string, ttl: number) =>
  cache.open(name, memory, { ttl, metrics: stat.metricsSink() });
const products = await open("products", 5);
const sessions = await open("sessions", 60);

const app = createApp({ logLevel: "error" });
app.use(async (_ctx, next) => {
  await sessions.get(`${Math.floor(Math.random() * 50)}`, () => "user");
  return await next();
});
app.get("/", () => "home");
app.get("/products", () => work(6, "products"));
app.get("/products/:id", async (ctx) => {
  const id = ctx.params.id;
  return await products.get(id, () => work(12, id));
});
app.get("/search", () => work(45, "found"));
app.get("/account", (ctx) => ctx.redirect("/"));
app.post("/cart", () => work(9, "added"));
app.post("/checkout", async () => {
  await work(80, "");
  if (Math.random() > 0.12) return "paid";
  throw new RangeError("payment: the provider has not answered");
});
stat.collectProcess({ version: "2.4.1" });
const { url } = app.listen({ port: 0 });
const admin = await stat.serve({ port: 0 });

/** Requests, and how often in a hundred. */
const VISITS: readonly [string, string, number][] = [
  ["GET", "/", 22],
  ["GET", "/products", 18],
  ["GET", "/products/", 34],
  ["GET", "/search", 12],
  ["GET", "/account", 4],
  ["GET", "/favicon.ico", 3],
  ["POST", "/cart", 5],
  ["POST", "/checkout", 2],
];

function visit(): void {
  let left = Math.random() * 100;
  for (const [method, path, share] of VISITS) {
    left -= share;
    if (left > 0) continue;
    const id = path.endsWith("s/") ? Math.floor(Math.random() ** 3 * 400) : "";
    fetch(`${url}${path}${id}`, { method, redirect: "manual" })
      .then((response) => response.body?.cancel())
      .catch(() => {});
    return;
  }
}

async function work(ms: number, value: string): Promise<string> {
  const time = ms * (0.4 + Math.random() ** 4 * 4);
  await new Promise((resolve) => setTimeout(resolve, time));
  return value;
}

let second = 0;
setInterval(() => {
  second += 0.05;
  // A wave, as of a day that passes quickly.
  const visits = 6 + 3 * Math.sin(second / 17) + Math.random() * 2;
  for (let i = 0; i < visits; i++) visit();
}, 50);
console.log(admin.url);
