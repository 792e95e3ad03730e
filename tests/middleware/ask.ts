import { HttpRouter, type HttpRouterOptions } from "@oresty/router";
import type { Middleware } from "@oresty/router";
import { MemoryLog } from "../router/http_fakes.ts";

export const SECRETS: string[] = ["a secret of sixteen or more"];

/** A router with this middleware around everything. */
export function around(
  // deno-lint-ignore no-explicit-any -- of whatever environment
  middleware: Middleware<any> | Middleware<any>[],
  options: HttpRouterOptions = {},
): HttpRouter {
  const router = new HttpRouter({ log: new MemoryLog(), ...options });
  for (const one of [middleware].flat()) router.use(one);
  return router;
}

/** What came: its body was read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Asks, and reads all of the answer. */
export async function ask(
  router: HttpRouter,
  path = "/",
  headers: HeadersInit = {},
  init: RequestInit = {},
): Promise<Answer> {
  const response = await router.request(path, { headers, ...init });
  const { status } = response;
  return { status, headers: response.headers, text: await response.text() };
}

/** The same thing from a client of this address. */
export async function askFrom(
  router: HttpRouter,
  hostname: string,
  path = "/",
): Promise<Answer> {
  const response = await router.fetch(new Request(`http://localhost${path}`), {
    remoteAddr: { transport: "tcp", hostname, port: 50_000 },
    completed: Promise.resolve(),
  });
  const { status } = response;
  return { status, headers: response.headers, text: await response.text() };
}
