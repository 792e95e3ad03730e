/**
 * Finds the name somebody most likely meant.
 *
 * The distance is that of optimal string alignment (one insertion, deletion,
 * substitution or swap of neighbours counts 1; Damerau 1964), case and
 * underscores left aside; a name further away than a third of its length,
 * or than 3, is no guess worth showing.
 *
 * @param name What was written.
 * @param candidates What could have been meant.
 * @returns The nearest candidate, or undefined when none is near.
 *
 * @example
 * ```ts
 * import { nearest } from "@oresty/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nearest("prot", ["host", "port"]), "port");
 * assertEquals(nearest("banana", ["host", "port"]), undefined);
 * ```
 */
export function nearest(
  name: string,
  candidates: Iterable<string>,
): string | undefined {
  const wanted = fold(name);
  // Nobody mistypes a name of a thousand characters; the table is quadratic.
  if (wanted.length > 100) return undefined;
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.ceil(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = alignmentDistance(wanted, fold(candidate));
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, "");
}

function alignmentDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let distance = Math.min(
        last[j]! + 1,
        row[j - 1]! + 1,
        last[j - 1]! + cost,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, beforeLast[j - 2]! + 1);
      }
      row.push(distance);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
