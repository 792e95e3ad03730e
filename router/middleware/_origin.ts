import { refuse } from "./_refuse.ts";

/** Whether an Origin header is one of those meant. */
export type OriginMatcher = (origin: string) => boolean;

const ORIGIN =
  /^[a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\]|[^\s/?#@\\:[\]]+)(?::\d{1,5})?$/;
const LABELS = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
/** A host has at most 253 characters: whatever is longer is no origin. */
const LONGEST = 512;

/**
 * Makes one matcher of exact origins, patterns and expressions. `null`, which
 * any sandboxed page and local file sends, is never matched.
 *
 * @throws {TypeError} When one of them can match no origin.
 */
export function originMatcher(
  where: string,
  option: string,
  given: readonly unknown[],
): OriginMatcher {
  const exact = new Set<string>();
  const others: OriginMatcher[] = [];
  for (const one of given) {
    if (one instanceof RegExp) others.push(anchored(one));
    else if (typeof one !== "string") refuse(where, option, one, EXPECTED);
    else if (one.includes("*")) others.push(wildcard(where, option, one));
    else exact.add(checkOrigin(where, option, one, one));
  }
  return (origin) =>
    origin !== "null" && origin.length <= LONGEST &&
    (exact.has(origin) || others.some((matches) => matches(origin)));
}

const EXPECTED =
  `origins such as "https://example.com", "https://*.example.com" or a RegExp`;

/** The whole origin has to match, whatever the expression says of its ends. */
function anchored({ source, flags }: RegExp): OriginMatcher {
  const whole = new RegExp(`^(?:${source})$`, flags.replace(/[gmy]/g, ""));
  return (origin) => whole.test(origin);
}

/** The star stands for one or more whole labels, as in a policy of CSP. */
function wildcard(
  where: string,
  option: string,
  pattern: string,
): OriginMatcher {
  const star = pattern.indexOf("://*.") + 3;
  const [before, behind] = [pattern.slice(0, star), pattern.slice(star + 1)];
  if (star < 3 || behind.includes("*")) {
    refuse(where, option, pattern, EXPECTED);
  }
  checkOrigin(where, option, pattern, `${before}x${behind}`);
  return (origin) =>
    origin.length > before.length + behind.length &&
    origin.startsWith(before) && origin.endsWith(behind) &&
    LABELS.test(origin.slice(before.length, -behind.length));
}

/**
 * @param text What is looked at in place of what was given.
 * @throws {TypeError} When no browser sends it in this form.
 */
function checkOrigin(
  where: string,
  option: string,
  given: string,
  text: string,
): string {
  if (!ORIGIN.test(text)) refuse(where, option, given, EXPECTED);
  // Of other schemes, as that of an extension, the standard knows no origin.
  if (/^(?:https?|wss?):/.test(text)) {
    const expected = URL.parse(text)?.origin;
    if (expected !== text) refuse(where, option, given, EXPECTED);
  }
  return text;
}
