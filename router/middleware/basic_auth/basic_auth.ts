import { checkOptions } from "@oresty/core";
import type { Context } from "../../context.ts";
import type { Env, Middleware } from "../../types.ts";
import { credentialsOf, quoteRealm } from "../_authorization.ts";
import { DigestTable } from "../_digest.ts";
import { checkFunction, checkRecord, refuse } from "../_refuse.ts";
import { unauthorized } from "../_unauthorized.ts";

/** Who is let in; one of `users` and `verify`. */
export interface BasicAuthOptions {
  /** Passwords by name. */
  users?: Readonly<Record<string, string>>;
  /** Decides on a name and password. */
  verify?: (
    name: string,
    password: string,
    ctx: Context<Record<string, string>, Env>,
  ) => boolean | Promise<boolean>;
  /**
   * What the browser shows when it asks.
   *
   * @default {"restricted"}
   */
  realm?: string;
}

/**
 * Lets in who knows a name and password (RFC 7617, UTF-8); only over https is
 * that a secret. The name is `ctx.state.user` then. Passwords of `users` are
 * compared in constant time.
 *
 * @param options Who is let in.
 * @returns The middleware.
 * @throws {TypeError} On an unknown option, or when nobody can be let in.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { basicAuth } from "@oresty/router/basic-auth";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter().use(basicAuth({ users: { ada: "lovelace" } }));
 * router.get("/", (ctx) => `${ctx.state.user}`);
 *
 * assertEquals((await router.request("/")).status, 401);
 * const response = await router.request("/", {
 *   headers: { authorization: `Basic ${btoa("ada:lovelace")}` },
 * });
 * assertEquals(await response.text(), "ada");
 * ```
 */
export function basicAuth(options: BasicAuthOptions): Middleware<Env> {
  checkOptions("basicAuth", options, ["users", "verify", "realm"]);
  const { users, verify, realm = "restricted" } = options ?? {};
  checkFunction("basicAuth", "verify", verify);
  if ((users === undefined) === (verify === undefined)) {
    refuse("basicAuth", "users", users, `passwords by name, or "verify"`);
  }
  checkRecord("basicAuth", "users", users, "passwords by name");
  const entries = Object.entries(users ?? {});
  for (const [name, password] of entries) {
    if (name.includes(":") || typeof password !== "string" || password === "") {
      refuse(
        "basicAuth",
        "users",
        name,
        "names without a colon, and passwords",
      );
    }
  }
  // Name and password as one text: a wrong name takes as long as a wrong one.
  const table = new DigestTable(
    entries.map(([name, password]) => [name, `${name}:${password}`]),
  );
  const challenge = `Basic realm=${quoteRealm("basicAuth", realm)}, ` +
    `charset="UTF-8"`;
  return async (ctx, next) => {
    const pair = decode(credentialsOf(ctx.request, "basic"));
    const colon = pair?.indexOf(":") ?? -1;
    if (pair !== null && colon >= 0) {
      const name = pair.slice(0, colon);
      const isIn = verify === undefined
        ? await table.find(pair) !== undefined
        : await verify(name, pair.slice(colon + 1), ctx) === true;
      if (isIn) {
        (ctx.state as Record<string, unknown>)["user"] = name;
        return await next();
      }
    }
    throw unauthorized(challenge);
  };
}

function decode(credentials: string | null): string | null {
  if (credentials === null || credentials.length > 8192) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true })
      .decode(Uint8Array.fromBase64(credentials));
  } catch {
    return null;
  }
}
