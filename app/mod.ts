/**
 * Oresty: asynchronous tasks and I/O, faster than Go, easier to start than PHP.
 *
 * ```ts
 * import { createApp } from "@oresty/oresty";
 * import { assertEquals } from "@std/assert";
 *
 * const app = createApp();
 * app.get("/hello/:name", (ctx) => ({ hello: ctx.params.name }));
 * // app.listen({ port: 2233 });
 *
 * const response = await app.request("/hello/Ada");
 * assertEquals(await response.json(), { hello: "Ada" });
 * ```
 *
 * @module
 */
export * from "@oresty/router";
export {
  App,
  type AppContext,
  type AppEnv,
  type AppOptions,
  createApp,
} from "./app.ts";
export * as cache from "@oresty/cache";
export * as config from "@oresty/config";
export type { SharedSizes } from "./_shared.ts";
export * as stat from "@oresty/stat";
export { type AdminOptions, Listener, type ListenOptions } from "./listener.ts";
export { folderTemplates, type FolderTemplatesOptions } from "./templates.ts";
