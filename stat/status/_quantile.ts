/**
 * The value below which a share of the values lies, from the buckets of a
 * histogram, as `histogram_quantile` of Prometheus has it: it is taken as evenly
 * spread inside of a bucket.
 *
 * @param share 0 to 1.
 * @param bounds Upper bounds, growing, without the last one.
 * @param buckets Values in each bucket, not cumulative, one more than bounds.
 * @returns Undefined without values; the highest bound when it is above that.
 */
export function quantile(
  share: number,
  bounds: readonly number[],
  buckets: ArrayLike<number>,
): number | undefined {
  let total = 0;
  for (let i = 0; i < buckets.length; i++) total += buckets[i]!;
  if (!(total > 0)) return undefined;
  const rank = share * total;
  let below = 0;
  for (let i = 0; i < bounds.length; i++) {
    const inside = buckets[i]!;
    if (below + inside >= rank && inside > 0) {
      const upper = bounds[i]!;
      const lower = i === 0 ? Math.min(0, upper) : bounds[i - 1]!;
      return lower + (upper - lower) * (rank - below) / inside;
    }
    below += inside;
  }
  return bounds.at(-1);
}
