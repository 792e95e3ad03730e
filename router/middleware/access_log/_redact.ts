/** What stands in place of a secret. */
const REDACTED = "[redacted]";
const SECRET =
  /auth(?!or(?!i))|cookie|token|secret|passw|passphrase|pwd|api[-_]?key|sess(?:ion|id)|signature|credential|jwt|bearer|[cx]srf|assertion|saml/i;
/** Short words, which mean a secret where they end a name: `accessKey`. */
const LAST_WORD =
  /(?:(?:^|[^A-Za-z])(?:pass|PASS|key|KEY|sid|SID|sig|SIG|code|CODE|otp|OTP|pin|PIN|ticket|TICKET)|(?:^|[^A-Z])(?:Pass|Key|Sid|Sig|Code|Otp|Pin|Ticket))\]?$/;

/** Tells by its name whether a header or parameter is a secret. */
export type SecretName = (name: string) => boolean;

/** @param more Names beside the usual ones, in any case. */
export function secretNames(more: readonly string[]): SecretName {
  const names = new Set(more.map((name) => name.toLowerCase()));
  return (name) =>
    SECRET.test(name) || LAST_WORD.test(name) || names.has(name.toLowerCase());
}

/** The value of a header as it may stand in a log. */
export function redactHeader(
  name: string,
  value: string,
  isSecret: SecretName,
): string {
  // Many a proxy hands a URL on: Referer, X-Original-URL.
  if (!isSecret(name)) return redactUrl(value, isSecret);
  // The scheme tells how a client tried, not what it knew.
  const scheme = /^authorization$|-authorization$/i.test(name)
    ? /^(?:Basic|Bearer|Digest|Negotiate)(?= )/i.exec(value)
    : null;
  return scheme === null ? REDACTED : `${scheme[0]} ${REDACTED}`;
}

/**
 * A URL or path as it may stand in a log: parameters that are secrets, and the
 * name and password before a host, are left out.
 */
export function redactUrl(url: string, isSecret: SecretName): string {
  const bare = url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, "$1");
  return bare.replace(
    /([?&;#])([^=&;#]*)=([^&;#]*)/g,
    (whole, before: string, name: string) =>
      isSecret(decoded(name)) ? `${before}${name}=${REDACTED}` : whole,
  );
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return name;
  }
}
