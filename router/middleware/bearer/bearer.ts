import { checkOptions } from "@oresty/core";
import type { Context } from "../../context.ts";
import type { Env, Middleware } from "../../types.ts";
import { credentialsOf, quoteRealm } from "../_authorization.ts";
import { DigestTable } from "../_digest.ts";
import { checkFunction, checkRecord, refuse } from "../_refuse.ts";
import { unauthorized } from "../_unauthorized.ts";

/** Who is let in; one of `tokens` and `verify`. */
export interface BearerOptions {
  /** Tokens by the name of who has them. */
  tokens?: Readonly<Record<string, string>>;
  /** Decides on a token: who has it, or undefined. */
  verify?: (
    token: string,
    ctx: Context<Record<string, string>, Env>,
  ) => unknown;
  /**
   * What is protected.
   *
   * @default {"api"}
   */
  realm?: string;
}

/**
 * Lets in who has a token (RFC 6750). Who that is, the name or what `verify`
 * gave, is `ctx.state.user` then. `tokens` are compared in constant time.
 *
 * @param options Who is let in.
 * @returns The middleware.
 * @throws {TypeError} On an unknown option, or when nobody can be let in.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { bearer } from "@oresty/router/bearer";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter().use(bearer({ tokens: { ci: "s3cret-token" } }));
 * router.get("/", (ctx) => `${ctx.state.user}`);
 *
 * assertEquals((await router.request("/")).status, 401);
 * const response = await router.request("/", {
 *   headers: { authorization: "Bearer s3cret-token" },
 * });
 * assertEquals(await response.text(), "ci");
 * ```
 */
export function bearer(options: BearerOptions): Middleware<Env> {
  checkOptions("bearer", options, ["tokens", "verify", "realm"]);
  const { tokens, verify, realm = "api" } = options ?? {};
  checkFunction("bearer", "verify", verify);
  if ((tokens === undefined) === (verify === undefined)) {
    refuse("bearer", "tokens", tokens, `tokens by name, or "verify"`);
  }
  checkRecord("bearer", "tokens", tokens, "tokens by name");
  const entries = Object.entries(tokens ?? {});
  for (const [name, token] of entries) {
    // The token itself stays out of the error.
    if (typeof token !== "string" || !/^[A-Za-z0-9._~+/-]+=*$/.test(token)) {
      refuse("bearer", "tokens", name, "tokens of RFC 6750 by name");
    }
  }
  const table = new DigestTable(entries);
  const challenge = `Bearer realm=${quoteRealm("bearer", realm)}`;
  return async (ctx, next) => {
    const token = credentialsOf(ctx.request, "bearer");
    if (token === null) throw unauthorized(challenge);
    const user = verify === undefined
      ? await table.find(token)
      : await verify(token, ctx);
    if (user === undefined || user === null || user === false) {
      throw unauthorized(`${challenge}, error="invalid_token"`);
    }
    (ctx.state as Record<string, unknown>)["user"] = user;
    return await next();
  };
}
