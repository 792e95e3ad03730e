/** Bytes from `start` to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Ranges of one request; who asks for more gets the whole. */
const MOST = 32;

/**
 * Reads a `Range` header (RFC 9110, section 14).
 *
 * @returns null where it is to be ignored: another unit, malformed, too many,
 * or ranges that overlap, which ask for more than there is. An empty list where
 * none of them is in the file.
 */
export function parseRanges(
  header: string | null,
  size: number,
): ByteRange[] | null {
  const specs = /^\s*bytes\s*=(.*)$/i.exec(header ?? "")?.[1]?.split(",");
  if (specs === undefined || specs.length > MOST) return null;
  const ranges: ByteRange[] = [];
  let isEmpty = true;
  for (const spec of specs) {
    // A list may have empty elements (RFC 9110, section 5.6.1).
    if (spec.trim() === "") continue;
    isEmpty = false;
    const parts = /^\s*(\d*)-(\d*)\s*$/.exec(spec);
    if (parts === null) return null;
    const [, first, last] = parts as unknown as [string, string, string];
    if (first === "" && last === "") return null;
    if (first !== "" && last !== "" && Number(last) < Number(first)) {
      return null;
    }
    const start = first === ""
      ? Math.max(0, size - Number(last))
      : Number(first);
    const end = first === "" || last === ""
      ? size
      : Math.min(size, Number(last) + 1);
    if (start < end) ranges.push({ start, end });
  }
  if (isEmpty) return null;
  const sorted = ranges.toSorted((a, b) => a.start - b.start);
  const overlap = sorted.some((range, i) =>
    i > 0 && range.start < sorted[i - 1]!.end
  );
  return overlap ? null : ranges;
}
