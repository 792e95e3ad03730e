import { checkOptions, parseSize, type Size } from "@oresty/core";
import { access } from "../../_access.ts";
import { HttpError } from "../../http_error.ts";
import type { Env, Middleware } from "../../types.ts";

/** How large bodies may be. */
export interface BodyLimitOptions {
  /** Bytes, or a text such as `"10m"`. */
  size: Size;
}

/**
 * Bounds the bytes of bodies in a scope, more or fewer than the router does. A
 * length that tells of more is answered 413 before anything inside runs; a
 * route's own `bodyLimit` wins for what its handler reads.
 *
 * @param options How large.
 * @returns The middleware.
 * @throws {TypeError} On an unknown option, or no size.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { bodyLimit } from "@oresty/router/body-limit";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter().use(bodyLimit({ size: 4 }));
 * router.post("/", (ctx) => ctx.text());
 * const response = await router.request("/", { method: "POST", body: "12345" });
 * assertEquals(response.status, 413);
 * ```
 */
export function bodyLimit(options: BodyLimitOptions): Middleware<Env> {
  checkOptions("bodyLimit", options, ["size"]);
  const size = parseSize(options?.size, `option "size" of bodyLimit`);
  return (ctx, next) => {
    const length = ctx.request.headers.get("content-length");
    if (length !== null && Number(length) > size) {
      throw new HttpError(413, `The body is over ${size} bytes`);
    }
    const runtime = access.runtime(ctx);
    access.limit(ctx, { ...runtime, limits: { ...runtime.limits, size } });
    return next();
  };
}
