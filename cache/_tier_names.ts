/**
 * Text that takes its place in a key. A colon ends the name and braces mark the
 * hash tag, so that those of a name are written otherwise: cache `a:b` with key
 * `c` is another entry than cache `a` with key `b:c`.
 */
export function escapeName(name: string): string {
  return escapeKey(name).replaceAll(
    /[:{}]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16)}`,
  );
}

/**
 * Keys travel as UTF-8, in which all lone surrogates are one: they are written
 * as `%ud800`, and a percent sign as `%25`.
 */
export function escapeKey(key: string): string {
  if (!key.includes("%") && key.isWellFormed()) return key;
  // The flag makes a surrogate of a pair no match.
  return key.replaceAll(
    /[%\p{Surrogate}]/gu,
    (mark) => mark === "%" ? "%25" : `%u${mark.charCodeAt(0).toString(16)}`,
  );
}
