import type { Input } from "@oresty/oresty";

/** `GET /files/*path`: the rest of the path, decoded once. */
export function get({ path }: Input): unknown {
  return { path, segments: String(path).split("/") };
}
