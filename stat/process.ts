import { checkOptions } from "@oresty/core";
import { isolateNumber, leader } from "@oresty/shm";
import { quote } from "./_definition.ts";
import { isolateRegistry } from "./_isolate.ts";
import { atStop } from "./_lifecycle.ts";
import { sayProblem } from "./_problem.ts";
import { takeSnapshot } from "./_snapshot.ts";
import { sample } from "./sample.ts";
import { create, declare } from "./stat.ts";

/** What {@linkcode collectProcess} says of the program. */
export interface ProcessOptions {
  /**
   * The version of the program, for `oresty_build_info`.
   *
   * @default {"unknown"}
   */
  version?: string;
}

/** How often the event loop is looked at, in milliseconds. */
const BEAT = 100;
/** Seconds until another isolate counts the process's time. */
const LEASE = 5;

let ending: (() => Promise<void>) | undefined;

/**
 * Begins to measure the process and this isolate, once: memory, CPU time, open
 * files where all permissions are granted, heap, and how late timers come. What is the
 * process's is counted once, in however many isolates this is called.
 *
 * @returns Ends it, and waits for that.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * stat.collectProcess({ version: "1.2.0" });
 * const text = await stat.render();
 * assertEquals(text.includes("process_resident_memory_bytes"), true);
 * await stat.stop();
 * ```
 */
export function collectProcess(
  options: ProcessOptions = {},
): () => Promise<void> {
  checkOptions("collectProcess", options, ["version"]);
  const { version = "unknown" } = options;
  if (typeof version !== "string") {
    throw new TypeError(
      `Cannot use option "version" of collectProcess: ${quote(version)} was ` +
        `given, expected a text`,
    );
  }
  if (ending !== undefined) return ending;
  declareAll();
  const ends = [
    ...ofIsolate(),
    ...ofProcess(version),
    atStop(() => ending?.()),
  ];
  ending = async () => {
    ending = undefined;
    await Promise.all(ends.map((end) => end()));
  };
  return ending;
}

function declareAll(): void {
  const gauges: [string, string, "max" | "min" | "sum"][] = [
    ["process_resident_memory_bytes", "Memory of the process.", "max"],
    ["process_start_time_seconds", "When it began, since 1970.", "min"],
    ["process_open_fds", "Open files and connections.", "max"],
    ["deno_heap_used_bytes", "Heap of an isolate.", "sum"],
    ["deno_eventloop_lag_seconds", "How late timers come.", "max"],
    ["oresty_isolates", "Isolates that live.", "max"],
    ["oresty_stat_series", "Series that are kept.", "max"],
    ["oresty_build_info", "Versions; always 1.", "max"],
  ];
  for (const [name, help, aggregate] of gauges) {
    declare(name, { type: "gauge", help, aggregate });
  }
  declare("process_cpu_seconds_total", {
    type: "counter",
    help: "CPU time, of user and system.",
  });
}

/** What each isolate says of itself. */
function ofIsolate(): (() => void)[] {
  const labelled = create({ isolate: String(isolateNumber()) });
  const heap = labelled.gauge("deno_heap_used_bytes");
  const lag = labelled.gauge("deno_eventloop_lag_seconds");
  let expected = performance.now() + BEAT;
  let latest = 0;
  const beat = setInterval(() => {
    const now = performance.now();
    latest = Math.max(latest, now - expected);
    expected = now + BEAT;
  }, BEAT);
  Deno.unrefTimer(beat);
  const end = sample(() => {
    heap.set(Deno.memoryUsage().heapUsed);
    lag.set(latest / 1000);
    latest = 0;
  });
  return [end, () => clearInterval(beat)];
}

/** What is the same in all isolates, or counted by one of them. */
function ofProcess(version: string): (() => void | Promise<void>)[] {
  const s = create();
  const memory = s.gauge("process_resident_memory_bytes");
  const isolates = s.gauge("oresty_isolates");
  const series = s.gauge("oresty_stat_series");
  const started = Date.now() / 1000 - performance.now() / 1000;
  const start = s.gauge("process_start_time_seconds");
  const build = s.with({ version, deno: Deno.version.deno })
    .gauge("oresty_build_info");
  const files = mayCountFiles() ? s.gauge("process_open_fds") : undefined;
  const end = sample(() => {
    // Each time, so that they are there again after a flush.
    start.set(started);
    build.set(1);
    memory.set(Deno.memoryUsage().rss);
    files?.set(countFiles());
    const { metrics, isolates: all } = takeSnapshot(isolateRegistry());
    series.set(metrics.reduce((sum, { series }) => sum + series.length, 0));
    const living = all.filter(({ state }) =>
      state === "live" || state === "blocked"
    );
    // Of the others it may not be known yet; this one lives.
    isolates.set(Math.max(1, living.length));
  });
  return [end, countCpu()];
}

/** One isolate of the process counts its CPU time. */
function countCpu(): () => Promise<void> {
  const counter = create().counter("process_cpu_seconds_total");
  let isEnded = false;
  const start = async () => {
    const [lead, { default: process }] = await Promise.all([
      leader("oresty:stat:process", { ttl: LEASE }),
      import("node:process"),
    ]);
    if (isEnded) {
      lead.close();
      return () => {};
    }
    const endSample = sample(() => {
      if (!lead.isLeader) return;
      const { user, system } = process.cpuUsage();
      const more = (user + system) / 1e6 - counted();
      if (more > 0) counter.incr(more);
    });
    return () => {
      endSample();
      lead.close();
    };
  };
  const starting = start().catch((error) => {
    sayProblem("CPU time is not counted", error);
    return () => {};
  });
  return async () => {
    isEnded = true;
    (await starting)();
  };
}

/** CPU seconds that all isolates have counted. */
function counted(): number {
  const { metrics } = takeSnapshot(isolateRegistry());
  const metric = metrics.find(({ name }) => /^process_cpu_seconds/.test(name));
  return metric?.series.reduce((sum, { value }) => sum + value, 0) ?? 0;
}

const FILES = "/proc/self/fd";

function mayCountFiles(): boolean {
  const { state } = Deno.permissions.querySync({ name: "read", path: FILES });
  if (state !== "granted" || Deno.build.os !== "linux") return false;
  try {
    countFiles();
    return true;
  } catch {
    // The runtime wants all permissions for some of what is in /proc.
    return false;
  }
}

function countFiles(): number {
  let count = 0;
  for (const _ of Deno.readDirSync(FILES)) count++;
  return count;
}
