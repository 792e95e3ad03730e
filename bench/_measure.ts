/** The middle of the figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What the figures were made on. */
export function machine(): Record<string, string> {
  const cpu = Deno.readTextFileSync("/proc/cpuinfo")
    .match(/model name\s*: (.*)/)?.[1] ?? "unknown";
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: `${navigator.hardwareConcurrency} x ${cpu}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
  };
}

/** Writes the figures of a run where the newest ones are kept. */
export function record(name: string, figures: unknown): void {
  const folder = new URL("./results/", import.meta.url);
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(
    new URL(`${name}.json`, folder),
    JSON.stringify({ machine: machine(), figures }, null, 2) + "\n",
  );
}
