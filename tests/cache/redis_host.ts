/** A host of a cache: its own process with a small interface over HTTP. */
import { type CacheEvent, open } from "@oresty/cache";
import { redis } from "@oresty/cache/redis";
import { SharedDict } from "@oresty/shm";

const [port, name] = Deno.args;
const events: CacheEvent[] = [];
const dict = await SharedDict.open("host", { size: "4m" });
const cache = await open(name!, dict, {
  ttl: 30,
  grace: 30,
  graceBackoff: 0,
  jitter: 0,
  l3: redis({ port: Number(port) }),
  on: (event) => events.push(event),
});

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/`),
}, async (request) => {
  const { pathname, searchParams } = new URL(request.url);
  const key = searchParams.get("key") ?? "";
  const value = searchParams.get("value");
  switch (pathname) {
    case "/get": {
      const ms = Number(searchParams.get("ms") ?? 0);
      const found = await cache.lookup(key, async () => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return value;
      }).catch((error) => ({ error: String(error) }));
      return Response.json(found);
    }
    case "/read":
      return Response.json(await cache.lookup(key));
    case "/set":
      await cache.set(key, value);
      break;
    case "/delete":
      await cache.delete(key);
      break;
    case "/purge":
      await cache.purge();
      break;
    case "/events":
      return Response.json(events.map(({ type }) => type));
    case "/stats":
      return Response.json(cache.stats());
  }
  return Response.json({});
});
await server.finished;
