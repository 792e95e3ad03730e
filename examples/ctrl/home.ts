import type { AppContext, Input } from "@oresty/oresty";
import { demos } from "../_demos.ts";
import { moduleNames } from "../_modules.ts";

const started = performance.now();

/** The page of the demo. */
export function get(_params: Input, ctx: AppContext): unknown {
  const data = {
    runs: [
      ["Deno", Deno.version.deno],
      ["V8", Deno.version.v8],
      ["Process", Deno.pid],
      ["Up", `${Math.round((performance.now() - started) / 1000)} s`],
      ["Modules", moduleNames.join(", ")],
    ],
    demos,
    routes: ctx.app.routes(),
  };
  return [data, "home.html"];
}
