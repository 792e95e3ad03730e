import { createHmac } from "node:crypto";
import { isEqual } from "./_compare.ts";

/** How long a browser stays known, in seconds. */
const LIFETIME = 12 * 3600;

/**
 * The cookie of who has shown the token. It does not hold the token itself: the
 * other ports of a host get its cookies too. Nothing is kept here, so that the
 * worker that takes over knows it.
 *
 * @param now Milliseconds since 1970.
 */
export function makeCookie(token: string, now: number): string {
  const until = Math.floor(now / 1000) + LIFETIME;
  return `${nameFor(token)}=${until}.${sign(token, until)}; Path=/; ` +
    `Max-Age=${LIFETIME}; HttpOnly; SameSite=Strict`;
}

/** The value of the cookie that a request brings. */
export function cookieOf(request: Request, token: string): string | undefined {
  const name = nameFor(token);
  const header = request.headers.get("cookie") ?? "";
  return header.split(/; */)
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

/** Whether a value is one of ours, for this token, and not too old. */
export function isSession(value: string, token: string, now: number): boolean {
  const [, until = "", signature = ""] = /^(\d{1,12})\.([\w-]+)$/.exec(value) ??
    [];
  if (!isEqual(signature, sign(token, Number(until)))) return false;
  return Number(until) * 1000 > now;
}

/** Listeners of other tokens on this host keep theirs. */
function nameFor(token: string): string {
  return `oresty_status_${sign(token, 0).slice(0, 8)}`;
}

function sign(token: string, until: number): string {
  return createHmac("sha256", token).update(`oresty status ${until}`)
    .digest("base64url");
}
