import type { Registry } from "../_registry.ts";
import { isEqual } from "./_compare.ts";
import { type Access, bearerOf, refuseStranger } from "./_guard.ts";
import { LastErrors } from "./_last_errors.ts";
import { pageFiles } from "./_page_files.ts";
import { type Range, reportOf } from "./_report.ts";
import { Sampler } from "./_sampler.ts";
import { makeCookie } from "./_session.ts";
import { uplotScript, uplotStyle } from "./_uplot.ts";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

const FILES: ReadonlyMap<string, string> = new Map([
  ["/status", pageFiles["index.html"]],
  ...Object.entries(pageFiles)
    .filter(([name]) => name !== "index.html")
    .map(([name, text]) => [`/status/${name}`, text] as const),
  ["/status/uplot.js", uplotScript],
  ["/status/uplot.css", uplotStyle],
]);

/** The page, what it loads, and what it shows: `/status` and below. */
export class StatusPage implements Disposable {
  readonly #registry: Registry;
  readonly #access: Access;
  readonly #sampler: Sampler;
  readonly #errors: LastErrors;

  private constructor(registry: Registry, access: Access, errors: LastErrors) {
    this.#registry = registry;
    this.#access = access;
    this.#errors = errors;
    this.#sampler = new Sampler(registry);
  }

  /** Begins to keep what the page looks back at. */
  static async open(registry: Registry, access: Access): Promise<StatusPage> {
    return new StatusPage(registry, access, await LastErrors.join());
  }

  /**
   * Answers a request.
   *
   * @returns Undefined when it is for none of its paths.
   */
  answer(request: Request, url: URL): Response | undefined {
    const { pathname, searchParams } = url;
    if (pathname === "/status/login") return this.#logIn(request);
    const text = FILES.get(pathname);
    if (text === undefined && pathname !== "/status.json") return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") {
      return notAllowed("GET, HEAD");
    }
    // The page itself has nothing to hide, and asks for the token.
    if (text === undefined) {
      return refuseStranger(request, this.#access) ??
        this.#report(request.method, searchParams);
    }
    const given = searchParams.get("token");
    return pathname === "/status" && given !== null
      ? this.#enter(given)
      : fileOf(request.method, pathname, text);
  }

  /** From a link with the token: it does not stay in the address. */
  #enter(given: string): Response {
    const headers = headersOf();
    headers.set("location", "status");
    const { token } = this.#access;
    if (token !== undefined && isEqual(given, token)) {
      headers.set("set-cookie", makeCookie(token, Date.now()));
    }
    return new Response(null, { status: 303, headers });
  }

  /** From the page's form, which brings the token in a header. */
  #logIn(request: Request): Response {
    if (request.method !== "POST") return notAllowed("POST");
    const { token } = this.#access;
    const headers = headersOf();
    if (token !== undefined) {
      const given = bearerOf(request);
      if (given === undefined || !isEqual(given, token)) {
        return new Response(null, { status: 401, headers });
      }
      headers.set("set-cookie", makeCookie(token, Date.now()));
    }
    return new Response(null, { status: 204, headers });
  }

  #report(method: string, search: URLSearchParams): Response {
    const range = search.get("range") ?? "5m";
    const since = Number(search.get("since") ?? 0);
    if (range !== "5m" && range !== "1h" || !Number.isFinite(since)) {
      return Response.json({
        error: 'expected range "5m" or "1h", and since in milliseconds',
      }, { status: 400, headers: headersOf() });
    }
    const report = reportOf(
      this.#registry,
      this.#sampler,
      this.#errors,
      range satisfies Range,
      since,
    );
    const response = Response.json(report, { headers: headersOf() });
    return method === "HEAD" ? new Response(null, response) : response;
  }

  [Symbol.dispose](): void {
    this.#sampler[Symbol.dispose]();
    this.#errors[Symbol.dispose]();
  }
}

function fileOf(method: string, path: string, text: string): Response {
  const [, kind = "html"] = /\.(\w+)$/.exec(path) ?? [];
  const headers = headersOf();
  headers.set("content-type", TYPES[kind]!);
  return new Response(method === "HEAD" ? null : text, { headers });
}

function notAllowed(allow: string): Response {
  const headers = headersOf();
  headers.set("allow", allow);
  return new Response(null, { status: 405, headers });
}

function headersOf(): Headers {
  return new Headers({
    "cache-control": "no-store",
    "content-security-policy": "default-src 'self'; base-uri 'none'; " +
      "form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
}
