import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Access,
  bearerOf,
  checkAccess,
  refuseHost,
  refuseStranger,
} from "../../stat/status/_guard.ts";
import { isLoopback } from "../../stat/status/_compare.ts";
import { cookieOf, isSession, makeCookie } from "../../stat/status/_session.ts";

const TOKEN = "correct-horse-battery";
const NOW = 1_700_000_000_000;

function request(headers: Record<string, string> = {}): Request {
  return new Request("http://127.0.0.1:9464/status.json", { headers });
}

/** The part of a cookie that a browser sends back. */
function sent(cookie: string): string {
  return cookie.split(";")[0]!;
}

Deno.test("status: only loopback addresses are loopback", () => {
  for (
    const name of ["127.0.0.1", "127.8.0.255", "localhost", "LOCALHOST", "::1"]
  ) {
    assert(isLoopback(name), name);
  }
  for (
    const name of [
      ...["0.0.0.0", "::", "10.0.0.1", "localhost.evil.example", "127.0.0.1.x"],
      ...["evil.example", "", "1127.0.0.1", "127.0.0.1 "],
    ]
  ) {
    assert(!isLoopback(name), name);
  }
});

Deno.test("status: an address that others reach needs a token", () => {
  checkAccess({ hostname: "127.0.0.1" });
  checkAccess({ hostname: "0.0.0.0", token: TOKEN });
  for (const hostname of ["0.0.0.0", "::", "10.0.0.1", "example.com"]) {
    assertThrows(
      () => checkAccess({ hostname }),
      TypeError,
      `host "${hostname}": other hosts reach it, expected the option "token"`,
    );
  }
});

Deno.test("status: a token is refused without being quoted", () => {
  const check = (token: unknown) => () =>
    checkAccess({ hostname: "127.0.0.1", token: token as string });
  for (
    const token of [7, null, "with a space in it", "línea-con-acento-x", "a\nb"]
  ) {
    assertThrows(check(token), TypeError, "visible ASCII");
  }
  const short = assertThrows(check("guess-me"), RangeError, "8 characters");
  assert(!short.message.includes("guess-me"), short.message);
  assertThrows(check(""), RangeError, "0 characters");
});

Deno.test("status: on loopback a request for another name is refused", () => {
  const access: Access = { hostname: "127.0.0.1" };
  const host = (name: string, to = access) =>
    refuseHost(request({ host: name }), to)?.status;
  for (
    const name of [
      ...["127.0.0.1:9464", "localhost", "localhost:1", "[::1]:9464", "[::1]"],
    ]
  ) {
    assertEquals(host(name), undefined, name);
  }
  for (
    const name of [
      ...["evil.example", "evil.example:9464", "127.0.0.1.evil.example"],
      ...["localhost.evil.example:9464", "10.0.0.1:9464", "[::2]:9464"],
    ]
  ) {
    assertEquals(host(name), 421, name);
  }
  // A page that leads its own name here does not know the token.
  assertEquals(host("evil.example", { ...access, token: TOKEN }), undefined);
});

Deno.test("status: the token is needed, in the header or as the cookie", () => {
  const access: Access = { hostname: "127.0.0.1", token: TOKEN };
  const ask = (headers: Record<string, string>, to = access) =>
    refuseStranger(request(headers), to);
  assertEquals(ask({}, { hostname: "127.0.0.1" }), undefined);
  for (
    const authorization of [
      `Bearer ${TOKEN}`,
      `bearer ${TOKEN}`,
      `BEARER  ${TOKEN}`,
    ]
  ) {
    assertEquals(ask({ authorization }), undefined, authorization);
  }
  for (
    const authorization of [
      "",
      TOKEN,
      `Basic ${TOKEN}`,
      "Bearer",
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      `Bearer ${TOKEN.toUpperCase()}`,
    ]
  ) {
    const refusal = ask({ authorization })!;
    assertEquals(refusal.status, 401, authorization);
    assertEquals(
      refusal.headers.get("www-authenticate"),
      'Bearer realm="oresty"',
    );
  }
  const cookie = sent(makeCookie(TOKEN, Date.now()));
  assertEquals(ask({ cookie: `a=b; ${cookie}; c=d` }), undefined);
  assertEquals(ask({ cookie: `${cookie}x` })?.status, 401);
  const other = sent(makeCookie("another-token-altogether", Date.now()));
  assertEquals(ask({ cookie: other })?.status, 401);
});

Deno.test("status: the cookie ends, and holds no token", () => {
  const cookie = makeCookie(TOKEN, NOW);
  assert(!cookie.includes(TOKEN), cookie);
  assertEquals(
    cookie.split("; ").slice(1),
    ["Path=/", "Max-Age=43200", "HttpOnly", "SameSite=Strict"],
  );
  const value = cookieOf(request({ cookie: sent(cookie) }), TOKEN)!;
  assert(isSession(value, TOKEN, NOW));
  assert(isSession(value, TOKEN, NOW + 43_199_000));
  assert(!isSession(value, TOKEN, NOW + 43_200_000));
  assert(!isSession(value, "another-token-altogether", NOW));
  const [until, signature] = value.split(".") as [string, string];
  for (
    const wrong of [
      ...["", ".", `${Number(until) + 1}.${signature}`, `${until}.`],
      ...[`${until}.${signature}x`, signature, `-1.${signature}`],
    ]
  ) {
    assert(!isSession(wrong, TOKEN, NOW), wrong);
  }
  // Two listeners of one host do not take each other's.
  const other = makeCookie("another-token-altogether", NOW);
  assert(other.split("=")[0] !== cookie.split("=")[0]);
});

Deno.test("status: a bearer is read from the header alone", () => {
  assertEquals(bearerOf(request()), undefined);
  assertEquals(bearerOf(request({ authorization: "Bearer a b" })), undefined);
  assertEquals(bearerOf(request({ authorization: "Bearer a" })), "a");
});
