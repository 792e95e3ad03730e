import { isEqual, isLoopback } from "./_compare.ts";
import { cookieOf, isSession } from "./_session.ts";

/** Who may see what is served. */
export interface Access {
  /** The address that is listened on. */
  readonly hostname: string;
  /** What clients have to know; undefined lets everybody in. */
  readonly token?: string | undefined;
}

const LEAST_TOKEN = 16;

/**
 * Checks who would see what is served.
 *
 * @throws {TypeError} When the token is no text, or none that a header can hold,
 * or is missing on an address that other hosts reach.
 * @throws {RangeError} When it is so short that it could be guessed.
 */
export function checkAccess({ hostname, token }: Access): void {
  if (token === undefined) {
    if (isLoopback(hostname)) return;
    throw new TypeError(
      `Cannot serve metrics on host "${hostname}": other hosts reach it, ` +
        'expected the option "token", or the host "127.0.0.1"',
    );
  }
  // The token is not quoted: errors are logged.
  if (typeof token !== "string" || !/^[\x21-\x7e]*$/.test(token)) {
    throw new TypeError(
      'Cannot use option "token" of serve: expected a text of visible ASCII ' +
        "characters, without spaces",
    );
  }
  if (token.length < LEAST_TOKEN) {
    throw new RangeError(
      `Cannot use option "token" of serve: it has ${token.length} ` +
        `characters, expected ${LEAST_TOKEN} at least`,
    );
  }
}

/**
 * Refuses a request that came under another host's name: a page of the web can
 * let its own name lead to 127.0.0.1, and would read what is there. It would
 * not know a token, so that with one every name is right.
 *
 * @returns The refusal, or undefined.
 */
export function refuseHost(
  request: Request,
  { hostname, token }: Access,
): Response | undefined {
  if (token !== undefined || !isLoopback(hostname)) return undefined;
  const host = request.headers.get("host") ?? new URL(request.url).host;
  // A port that is forwarded here may have another number.
  const name = host.replace(/:\d+$/, "");
  if (isLoopback(name)) return undefined;
  return refuse(
    421,
    "this listener answers to localhost, 127.0.0.1 and [::1]; with the option " +
      '"token" to every name',
  );
}

/**
 * Refuses a request without the token: it is in the header
 * `Authorization: Bearer`, or was, when the cookie of the page was given.
 *
 * @returns The refusal, or undefined.
 */
export function refuseStranger(
  request: Request,
  { token }: Access,
): Response | undefined {
  if (token === undefined) return undefined;
  const given = bearerOf(request);
  if (given !== undefined && isEqual(given, token)) return undefined;
  const cookie = cookieOf(request, token);
  if (cookie !== undefined && isSession(cookie, token, Date.now())) {
    return undefined;
  }
  const refusal = refuse(401, "the token is missing or wrong");
  refusal.headers.set("www-authenticate", 'Bearer realm="oresty"');
  return refusal;
}

/** The token that a request brings in its header. */
export function bearerOf(request: Request): string | undefined {
  const header = request.headers.get("authorization") ?? "";
  return /^bearer +([\x21-\x7e]+) *$/i.exec(header)?.[1];
}

function refuse(status: number, reason: string): Response {
  return new Response(`${reason}\n`, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
