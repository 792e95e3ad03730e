import { assertEquals, assertThrows } from "@std/assert";
import { jwt, type JwtOptions } from "@oresty/router/jwt";
import { around, ask } from "./ask.ts";

const SECRET = "a secret of 32 characters or more";
const NOW = Math.floor(Date.now() / 1000);

function part(value: unknown): string {
  return new TextEncoder().encode(JSON.stringify(value))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Signs as RFC 7515 says, with no library: the oracle is Web Crypto. */
async function token(
  claims: Record<string, unknown>,
  header: Record<string, unknown> = { alg: "HS256", typ: "JWT" },
  secret = SECRET,
): Promise<string> {
  const text = `${part(header)}.${part(claims)}`;
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const bytes = await crypto.subtle.sign("HMAC", key, encoder.encode(text));
  const signature = new Uint8Array(bytes)
    .toBase64({ alphabet: "base64url", omitPadding: true });
  return `${text}.${signature}`;
}

function app(options: Partial<JwtOptions> = {}) {
  return around(jwt({ key: SECRET, algorithms: ["HS256"], ...options }))
    .get("/", (ctx) => ctx.state["claims"]);
}

async function status(
  router: ReturnType<typeof app>,
  text: string,
): Promise<number> {
  const authorization = `Bearer ${text}`;
  return (await ask(router, "/", { authorization })).status;
}

Deno.test("jwt lets in a token that is signed and lasts", async () => {
  const claims = { sub: "ada", exp: NOW + 60 };
  const authorization = `Bearer ${await token(claims)}`;
  const { text } = await ask(app(), "/", { authorization });
  assertEquals(JSON.parse(text), claims);
});

Deno.test("jwt refuses what is forged, expired, or of no algorithm", async () => {
  const claims = { sub: "ada", exp: NOW + 60 };
  const good = await token(claims);
  const [head, body, signature] = good.split(".") as [string, string, string];
  const none = `${part({ alg: "none" })}.${part(claims)}.`;
  const cases: [name: string, text: string][] = [
    ["alg none", none],
    ["alg None", none.replace(part({ alg: "none" }), part({ alg: "None" }))],
    ["none with a signature", `${none}${signature}`],
    ["another algorithm", await token(claims, { alg: "HS512" })],
    ["RS256 signed by the public text", await token(claims, { alg: "RS256" })],
    ["no algorithm", await token(claims, {})],
    ["another secret", await token(claims, undefined, `${SECRET}x`)],
    ["expired", await token({ ...claims, exp: NOW - 1 })],
    ["no end", await token({ sub: "ada" })],
    ["an end that is no number", await token({ exp: "never" })],
    ["not yet", await token({ ...claims, nbf: NOW + 60 })],
    ["other claims", `${head}.${part({ ...claims, sub: "eve" })}.${signature}`],
    ["truncated", good.slice(0, -1)],
    ["no signature", `${head}.${body}.`],
    ["two parts", `${head}.${body}`],
    ["four parts", `${good}.x`],
    ["no JSON", "a.b.c"],
    ["empty", ""],
    ["huge", `${head}.${"a".repeat(100_000)}.${signature}`],
    ["critical", await token(claims, { alg: "HS256", crit: ["x"], x: 1 })],
  ];
  const router = app();
  for (const [name, text] of cases) {
    assertEquals(await status(router, text), 401, name);
  }
  const missing = await ask(router);
  assertEquals(missing.headers.get("www-authenticate"), `Bearer realm="api"`);
});

Deno.test("jwt looks at issuer, audience, claims and the clock", async () => {
  const router = app({
    issuer: "https://id.example",
    audience: ["api", "web"],
    requiredClaims: ["scope"],
    clockTolerance: "10s",
  });
  const claims = {
    iss: "https://id.example",
    aud: "web",
    scope: "all",
    exp: NOW - 5,
  };
  assertEquals(await status(router, await token(claims)), 200);
  for (
    const wrong of [
      { iss: "https://evil.example" },
      { aud: "other" },
      { scope: undefined },
      { exp: NOW - 20 },
    ]
  ) {
    const text = await token({ ...claims, ...wrong });
    assertEquals(await status(router, text), 401, JSON.stringify(wrong));
  }
});

Deno.test("jwt verifies by a public key, which signs nothing", async () => {
  const pair = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  const text = `${part({ alg: "ES256" })}.${part({ exp: NOW + 60 })}`;
  const signature = await crypto.subtle.sign(
    { name: "ECDSA", hash: "SHA-256" },
    pair.privateKey,
    new TextEncoder().encode(text),
  );
  const good = `${text}.${
    new Uint8Array(signature).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    })
  }`;
  const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
  for (const key of [pair.publicKey, { ...jwk, alg: "ES256" }]) {
    const router = app({ key: key as never, algorithms: ["ES256"] });
    assertEquals(await status(router, good), 200);
    const hmac = await token({ exp: NOW + 60 }, { alg: "HS256" });
    assertEquals(await status(router, hmac), 401);
  }
});

Deno.test("jwt says when the key cannot be had, and not that the token is wrong", async () => {
  const router = app({
    key: () => Promise.reject(new Error("the key server is down")),
    algorithms: ["ES256"],
  });
  const text = await token({ exp: NOW + 60 }, { alg: "ES256" });
  assertEquals(await status(router, text), 500);
});

Deno.test("an algorithm that is not the key's is the token's fault", async () => {
  const pair = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  const key = pair.publicKey;
  const algorithms = ["ES256", "ES384", "RS256"];
  for (const one of [key, () => key, () => undefined]) {
    const router = app({ key: one, algorithms });
    for (const alg of ["ES384", "RS256"]) {
      const text = await token({ exp: NOW + 60 }, { alg });
      assertEquals(await status(router, text), 401, alg);
    }
  }
  const shared = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(SECRET),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  const router = app({ key: shared, algorithms: ["HS256", "HS512"] });
  assertEquals(await status(router, await token({ exp: NOW + 60 })), 200);
  const other = await token({ exp: NOW + 60 }, { alg: "HS512" });
  assertEquals(await status(router, other), 401);
});

Deno.test("jwt tries the keys of a set where the token names none", async () => {
  const keys: JsonWebKey[] = [];
  for (const secret of ["another secret of 32 characters and more", SECRET]) {
    const k = new TextEncoder().encode(secret)
      .toBase64({ alphabet: "base64url", omitPadding: true });
    keys.push({ kty: "oct", k, alg: "HS256" });
  }
  /** As that of npm:jose for a set of which several keys fit. */
  const several = async () => {
    await Promise.resolve();
    throw Object.assign(new Error("several"), {
      code: "ERR_JWKS_MULTIPLE_MATCHING_KEYS",
      async *[Symbol.asyncIterator]() {
        for (const { k } of keys) {
          yield await crypto.subtle.importKey(
            "raw",
            Uint8Array.fromBase64(k!, { alphabet: "base64url" }),
            { name: "HMAC", hash: "SHA-256" },
            false,
            ["verify"],
          );
        }
      },
    });
  };
  const router = app({ key: several });
  assertEquals(await status(router, await token({ exp: NOW + 60 })), 200);
  const expired = await token({ exp: NOW - 60 });
  assertEquals(await status(router, expired), 401);
  const forged = await token({ exp: NOW + 60 }, undefined, `${SECRET}x`);
  assertEquals(await status(router, forged), 401);
});

Deno.test("jwt refuses options that prove nothing", () => {
  const cases: [Partial<JwtOptions>, string][] = [
    [{ algorithms: [] }, `"algorithms"`],
    [{ algorithms: ["none"] }, `"none"`],
    [{ key: "short" }, "32 bytes"],
    [{ key: undefined as never }, `"key"`],
    [{ isuer: "x" } as never, `"issuer"`],
    [{ issuer: 7 as never }, `"issuer"`],
    [{ audience: [] }, `"audience"`],
    [{ requiredClaims: "sub" as never }, `"requiredClaims"`],
    [{ algorithms: ["RS256"] }, "public key"],
    [{ algorithms: ["HS256", "RS256"] }, "public key"],
    [{ key: {} as never }, `"key"`],
    [{ key: { kty: "EC", d: "x" }, algorithms: ["ES256"] }, "private key"],
    [{ key: { kty: "EC" } }, "shared secret"],
  ];
  for (const [options, message] of cases) {
    assertThrows(
      () => jwt({ key: SECRET, algorithms: ["HS256"], ...options }),
      TypeError,
      message,
    );
  }
});
