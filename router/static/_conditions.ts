import { listsTag } from "../middleware/_entity_tag.ts";

/** What a client is told of the state of a file. */
export interface Validators {
  /** The entity tag; a strong one. */
  readonly etag: string;
  /** In milliseconds since 1970. */
  readonly modified: number;
}

/**
 * The status that the conditions of a request come to, in the order of RFC
 * 9110, section 13.2.2: 200 where it goes on, 304 or 412.
 */
export function evaluate(
  request: Headers,
  { etag, modified }: Validators,
): 200 | 304 | 412 {
  const match = request.get("if-match");
  if (match !== null) {
    if (!listsTag(match, etag, false)) return 412;
  } else {
    const since = dateOf(request.get("if-unmodified-since"));
    if (since !== null && seconds(modified) > since) return 412;
  }
  const none = request.get("if-none-match");
  if (none !== null) return listsTag(none, etag, true) ? 304 : 200;
  const since = dateOf(request.get("if-modified-since"));
  return since !== null && seconds(modified) <= since ? 304 : 200;
}

/** Whether a range may be given, as `If-Range` says (section 13.1.5). */
export function isRangeFresh(
  request: Headers,
  { etag, modified }: Validators,
): boolean {
  const condition = request.get("if-range");
  if (condition === null) return true;
  if (condition.includes('"')) return condition.trim() === etag;
  return dateOf(condition) === seconds(modified);
}

/** A date of HTTP in seconds since 1970, or null. */
function dateOf(text: string | null): number | null {
  if (text === null || !/^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(text)) {
    return null;
  }
  const time = Date.parse(text);
  return Number.isNaN(time) ? null : seconds(time);
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
