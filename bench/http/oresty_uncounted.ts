import { createApp } from "@oresty/oresty";

const app = createApp({ logLevel: "error", stat: false });
app.get("/users/:id", (ctx) => ({ id: ctx.params.id }));
console.log(app.listen({ port: 0 }).port);
