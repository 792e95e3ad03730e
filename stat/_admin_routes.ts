import type { Registry } from "./_registry.ts";
import { respond } from "./_respond.ts";
import { type Access, refuseHost, refuseStranger } from "./status/_guard.ts";
import type { StatusPage } from "./status/_status_page.ts";

/** What the admin listener is made of. */
export interface AdminParts {
  readonly registry: Registry;
  readonly access: Access;
  readonly page: StatusPage;
}

/** What a route of the admin listener has. */
export interface AdminContext {
  /** Reads the series of all isolates: `takeSnapshot(registry)`. */
  readonly registry: Registry;
  /** The request's URL, as it was parsed once. */
  readonly url: URL;
}

/** Answers requests for one path. */
export type AdminRoute = (
  request: Request,
  context: AdminContext,
) => Response | Promise<Response>;

/** The routes of the admin listener, by their paths. */
export const adminRoutes: ReadonlyMap<string, AdminRoute> = new Map<
  string,
  AdminRoute
>([
  ["/metrics", (request, { registry }) => respond(registry, request)],
]);

/** The process is said, so that it knows its own listener. */
function health(request: Request): Response {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD") {
    return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
  }
  return Response.json({ status: "ok", pid: Deno.pid });
}

/** Answers a request of the admin listener. */
export async function routeAdmin(
  { registry, access, page }: AdminParts,
  request: Request,
): Promise<Response> {
  // The Host is in it, and may be anything.
  const url = URL.parse(request.url);
  if (url === null) {
    return new Response("malformed Host or path\n", { status: 400 });
  }
  // It says nothing, and those who look after processes know no token.
  if (url.pathname === "/healthz") return health(request);
  const refusal = refuseHost(request, access);
  if (refusal !== undefined) return refusal;
  const shown = page.answer(request, url);
  if (shown !== undefined) return shown;
  const route = adminRoutes.get(url.pathname);
  if (route === undefined) {
    return new Response("not found\n", { status: 404 });
  }
  return refuseStranger(request, access) ??
    await route(request, { registry, url });
}
