import { open } from "@oresty/cache";
import { connect } from "@oresty/cache/db-redis";
import { createApp } from "@oresty/oresty";
import { connect as connectRedis } from "@db/redis";

const hostname = "127.0.0.1";
const port = Number(Deno.env.get("REDIS_PORT") ?? 6379);

// A connection of the cache's own: made when it is needed, and made again when
// it is lost. It hears what other hosts remove.
const articles = await open("articles", "cache", {
  ttl: "10s",
  ttlL3: "1m",
  l3: connect({ hostname, port }),
});

// Or the client that the program has anyway.
const client = await connectRedis({ hostname, port });
const authors = await open("authors", "cache", {
  ttl: "10s",
  ttlL3: "1m",
  l3: connect(client),
});

const app = createApp();
app.get("/articles/:id", async ({ params }) => {
  const { value, hitLevel, source } = await articles.lookup(
    params.id,
    {},
    (id) => ({ id, title: `Article ${id}` }),
    params.id,
  );
  return { article: value, hitLevel, source };
});
app.get("/authors/:id", async ({ params }) => {
  const { value, hitLevel, source } = await authors.lookup(
    params.id,
    {},
    (id) => ({ id, name: `Author ${id}` }),
    params.id,
  );
  return { author: value, hitLevel, source };
});

export default app;
