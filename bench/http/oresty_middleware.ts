import { createApp } from "@oresty/oresty";

const app = createApp({ logLevel: "error" });
app.use(async (_ctx, next) => await next());
app.get("/users/:id", (ctx) => ({ id: ctx.params.id }));
console.log(app.listen({ port: 0 }).port);
