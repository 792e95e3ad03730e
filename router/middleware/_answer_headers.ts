import { access, type AnyContext } from "../_access.ts";
import type { Next } from "../types.ts";
import { after } from "./_after.ts";

/** Headers by name, as they go out. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/**
 * A header of the answer: its own, or one that waits in the context to be
 * merged into it.
 */
export function headerOf(
  ctx: AnyContext,
  response: Response,
  name: string,
): string | null {
  const own = response.headers.get(name);
  if (own !== null) return own;
  const prepared = access.prepared(ctx);
  // Asking an empty one would make headers, and so a copy of the answer.
  return prepared === null || prepared.isEmpty
    ? null
    : prepared.headers.get(name);
}

/**
 * Runs what is inside and gives its answer headers, errors included. What the
 * handler set itself wins, and `vary` joins what is there.
 */
export function answerWith(
  ctx: AnyContext,
  next: Next,
  headers: HeaderList,
  vary = "",
): Response | Promise<Response> {
  // Before: an answer made of a plain value takes them without a copy.
  for (const [name, value] of headers) ctx.headers.set(name, value);
  if (vary !== "") addVary(ctx, vary);
  return after(next(), (response) => {
    // After: the answer to an error, or one made anew, has none of them.
    for (const [name, value] of headers) {
      if (headerOf(ctx, response, name) === null) ctx.headers.set(name, value);
    }
    if (vary !== "") varyBy(ctx, response, vary);
    return response;
  });
}

/** Says that the answer depends on a header of the request. */
export function varyBy(
  ctx: AnyContext,
  response: Response,
  name: string,
): void {
  if (!lists(response.headers.get("vary"), name)) addVary(ctx, name);
}

function addVary(ctx: AnyContext, name: string): void {
  if (!lists(ctx.headers.get("vary"), name)) ctx.headers.append("vary", name);
}

function lists(vary: string | null, name: string): boolean {
  return vary !== null &&
    vary.toLowerCase().split(",").some((one) => {
      const listed = one.trim();
      return listed === "*" || listed === name.toLowerCase();
    });
}
