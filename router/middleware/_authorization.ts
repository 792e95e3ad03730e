import { refuse } from "./_refuse.ts";

/**
 * What stands behind a scheme in the Authorization header.
 *
 * @param scheme In lower case; the header may have it in any case.
 * @returns null when there is no such header, or it has another scheme.
 */
export function credentialsOf(
  request: Request,
  scheme: string,
): string | null {
  const header = request.headers.get("authorization");
  if (header === null) return null;
  const space = header.indexOf(" ");
  const given = space < 0 ? header : header.slice(0, space);
  if (given.toLowerCase() !== scheme) return null;
  return space < 0 ? "" : header.slice(space + 1).trim();
}

/**
 * The realm as a quoted string (RFC 9110, section 5.6.4).
 *
 * @throws {TypeError} When it has characters that no header takes.
 */
export function quoteRealm(where: string, realm: unknown): string {
  if (typeof realm !== "string" || !/^[\x20-\x7e]*$/.test(realm)) {
    refuse(where, "realm", realm, "printable ASCII characters");
  }
  return `"${realm.replace(/["\\]/g, "\\$&")}"`;
}
