/**
 * The demo as one isolate: resident memory, and the time from start to the
 * first answer, over a bare Deno.serve in the same run.
 *
 * Targets: <= 25 MB, <= 300 ms.
 */
import { median, record } from "./_measure.ts";
import { startServer } from "./_server.ts";

const ROUNDS = 9;
const programs = {
  bare: ["bench/http/bare.ts", "/users/7"],
  demo: ["examples/server.ts", "/"],
} as const;

Deno.env.set("PORT", "0");
const times: Record<string, number[]> = { bare: [], demo: [] };
const sizes: Record<string, number[]> = { bare: [], demo: [] };
for (let i = 0; i <= ROUNDS; i++) {
  for (const [name, [file, path]] of Object.entries(programs)) {
    const start = performance.now();
    await using server = await startServer(name, [file], 0);
    const response = await fetch(server.url + path);
    await response.text();
    if (!response.ok) throw new Error(`${name} answers ${response.status}`);
    if (i === 0) continue; // warm-up: the code is compiled and cached
    times[name]!.push(performance.now() - start);
    sizes[name]!.push(await residentMegabytes(server.pid));
  }
}
const over = (figures: Record<string, number[]>) =>
  median(figures["demo"]!) - median(figures["bare"]!);
const figures = {
  firstAnswerMilliseconds: {
    bare: Math.round(median(times["bare"]!)),
    demo: Math.round(median(times["demo"]!)),
    over: Math.round(over(times)),
  },
  residentMegabytes: {
    bare: Math.round(median(sizes["bare"]!)),
    demo: Math.round(median(sizes["demo"]!)),
    over: Math.round(over(sizes) * 10) / 10,
  },
};
console.log(JSON.stringify(figures, null, 2));
record("startup", figures);

async function residentMegabytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) / 1024;
}
