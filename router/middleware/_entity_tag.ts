/**
 * Whether a list of entity tags has this one (RFC 9110, section 8.8.3.2).
 *
 * @param condition `If-Match` or `If-None-Match`; `*` has all.
 * @param tag The tag of the answer, quoted.
 * @param isWeak Whether `W/` does not count; else a weak tag is equal to none.
 */
export function listsTag(
  condition: string,
  tag: string,
  isWeak: boolean,
): boolean {
  if (condition.trim() === "*") return true;
  const opaque = tag.replace(/^W\//, "");
  for (const [, weak, listed] of condition.matchAll(/(W\/)?("[^"]*")/g)) {
    if (listed !== opaque) continue;
    if (isWeak || weak === undefined && opaque === tag) return true;
  }
  return false;
}
