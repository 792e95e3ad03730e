/** The longest a timer takes, 24.8 days; beyond it the runtime fires at once. */
const LONGEST = 2 ** 31 - 1;

/** Seconds as the milliseconds of a timer. */
export function timerMilliseconds(seconds: number): number {
  return Math.min(seconds * 1000, LONGEST);
}
