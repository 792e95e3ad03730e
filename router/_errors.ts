// deno-lint-ignore-file camelcase -- the JSON has the predecessor's names
import { prefersHtml } from "./_accept.ts";
import { access, type AnyContext } from "./_access.ts";
import { developerPage, errorPage } from "./_error_page.ts";
import { type SourceExcerpt, sourceOf } from "./_source.ts";
import { STATUS_TEXT } from "./_status.ts";
import { HttpError } from "./http_error.ts";

/** The one shape of an error's JSON. */
export interface ErrorBody {
  http_code: number;
  reqid: string;
  err: string;
  issues?: readonly unknown[];
  message?: string;
  stack?: string[];
  source?: SourceExcerpt;
}

/** The error as one with a status; anything that is none is a 500. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  return new HttpError(500, undefined, { cause: error });
}

/** Writes an error to the log, as far as it is the server's. */
export function logError(error: HttpError, ctx: AnyContext): void {
  if (error.status < 500) return;
  const cause = error.cause ?? error;
  ctx.log.error(cause instanceof Error ? cause.message : "thrown", {
    status: error.status,
    method: ctx.method,
    path: ctx.path,
    error: cause,
  });
}

/** The answer to an error: JSON, or HTML for who prefers it. */
export function errorResponse(error: HttpError, ctx: AnyContext): Response {
  const { dev } = access.runtime(ctx);
  const body = bodyOf(error, ctx, dev);
  const headers = new Headers(error.headers);
  headers.set("x-request-id", body.reqid);
  headers.set("cache-control", "no-store");
  headers.append("vary", "accept");
  if (prefersHtml(ctx.request.headers.get("accept"))) {
    headers.set("content-type", "text/html; charset=utf-8");
    headers.set("content-security-policy", CSP);
    headers.set("x-content-type-options", "nosniff");
    const page = dev ? developerPage(body) : errorPage(body);
    return new Response(page.toString(), { status: error.status, headers });
  }
  headers.set("content-type", "application/json");
  return new Response(JSON.stringify(body), { status: error.status, headers });
}

const CSP = "default-src 'none'; style-src 'unsafe-inline'";

function bodyOf(error: HttpError, ctx: AnyContext, dev: boolean): ErrorBody {
  const body: ErrorBody = {
    http_code: error.status,
    reqid: ctx.requestId,
    err: error.expose
      ? error.message
      : STATUS_TEXT.get(error.status) ?? `Status ${error.status}`,
  };
  if (error.issues !== undefined) body.issues = error.issues;
  // A client's mistake has no place in our source.
  if (!dev || error.status < 500) return body;
  const cause = error.cause ?? error;
  if (cause instanceof Error) {
    body.message = cause.message;
    body.stack = (cause.stack ?? "").split("\n").slice(1)
      .map((line) => line.trim());
    const source = sourceOf(cause);
    if (source !== undefined) body.source = source;
  } else body.message = describe(cause);
  return body;
}

/** What was thrown may have no text: an object without a prototype. */
function describe(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return typeof thrown;
  }
}
