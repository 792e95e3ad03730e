import type { Input } from "@oresty/oresty";

/** `GET /hello/:name`: the returned object is JSON. */
export function get(params: Input): unknown {
  return { hello: params["name"] };
}
