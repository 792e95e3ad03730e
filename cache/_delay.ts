/** The longest delay of a timer: one more, and it is over at once. */
const LONGEST = 0x7fffffff;

/** Milliseconds that a timer can hold, of seconds that may be too many. */
export function delayOf(seconds: number): number {
  return Math.min(seconds * 1000, LONGEST);
}
