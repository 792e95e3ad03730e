// A folder served by the middleware; its path is the argument.
import { HttpRouter } from "@oresty/router";
import { staticFiles } from "@oresty/router/static";

const router = new HttpRouter().use(staticFiles({ root: Deno.args[0]! }));

Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) },
  router.fetch,
);
