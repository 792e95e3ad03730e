import { needs } from "./permissions.ts";

/** Waits until something is true, or fails. */
export async function until(
  seconds: number,
  test: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await test())) {
    if (performance.now() > end) {
      throw new Error(`Cannot wait any more: not true after ${seconds} s`);
    }
    await sleep(5);
  }
}

/** Waits for some milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A test with workers: the runtime reads their files. */
export function isolateTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !needs("read"), fn });
}
