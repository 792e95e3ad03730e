import { isolateNumber } from "@oresty/shm";
import type { Registry } from "../_registry.ts";
import type { Timeline } from "./_history.ts";
import { type Isolates, isolatesOf } from "./_isolates.ts";
import type { Errors, LastErrors } from "./_last_errors.ts";
import { type Caches, cachesOf, type Tasks, tasksOf } from "./_modules.ts";
import type { Reading } from "./_reading.ts";
import { gauges, type Sampler } from "./_sampler.ts";
import { Names } from "./_series_names.ts";
import { type Span, sum } from "./_span.ts";
import {
  clientOf,
  type ClientRow,
  type Requests,
  requestsOf,
  type Routes,
  routesOf,
} from "./_traffic.ts";

/** What `/status.json` says; what no module counts is null. */
export interface Report {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Seconds that rates and quantiles look back, 60 once it runs so long. */
  readonly window: number;
  readonly requests: Requests | null;
  readonly routes: Routes | null;
  readonly isolates: Isolates;
  readonly caches: Caches | null;
  readonly tasks: Tasks | null;
  readonly client: { count: number; rows: readonly ClientRow[] } | null;
  readonly errors: Errors | null;
  readonly process: ProcessState;
  readonly stat: StatState;
  readonly build: { version: string | null; deno: string; pid: number };
  readonly history: Timeline & { readonly range: Range };
}

/** The process as a whole; null where nobody says it. */
export interface ProcessState {
  /** Cores in use. */
  readonly cpu: number | null;
  /** Bytes. */
  readonly memory: number | null;
  readonly openFiles: number | null;
  /** Seconds since its start. */
  readonly uptime: number | null;
}

/** Of the counting itself. */
export interface StatState {
  readonly names: number;
  readonly series: number;
  /** Look-ups and label sets beyond the cap of a name. */
  readonly overflow: number;
}

/** What a history covers: by the second, or by ten seconds. */
export type Range = "5m" | "1h";

/** Makes what `/status.json` says. */
export function reportOf(
  registry: Registry,
  sampler: Sampler,
  errors: LastErrors,
  range: Range,
  since: number,
): Report {
  const { reading, minute } = sampler.look();
  return {
    time: reading.time,
    window: minute.seconds,
    requests: requestsOf(reading, minute),
    routes: routesOf(minute),
    isolates: isolatesOf(reading, registry.group, isolateNumber()),
    caches: cachesOf(minute),
    tasks: tasksOf(reading, minute),
    client: clientOf(minute),
    errors: errors.look(minute),
    process: processOf(reading, minute),
    stat: {
      names: reading.nameCount,
      series: reading.seriesCount,
      overflow: reading.merged + sum(gauges(reading, Names.overflow)),
    },
    build: buildOf(reading),
    history: { range, ...sampler.history.timeline(range, since) },
  };
}

function processOf(reading: Reading, minute: Span): ProcessState {
  const value = (name: string) => gauges(reading, name)[0] ?? null;
  const cpu = minute.gains(Names.cpu);
  const start = value(Names.startTime);
  return {
    cpu: cpu === undefined || minute.isEmpty
      ? null
      : minute.rate(sum(cpu.map((gain) => gain.value))),
    memory: value(Names.memory),
    openFiles: value(Names.openFiles),
    uptime: start === null ? null : Math.max(reading.time / 1000 - start, 0),
  };
}

function buildOf({ families }: Reading): Report["build"] {
  const [build] = families.get(Names.build)?.series.values() ?? [];
  return {
    version: build?.labels.version ?? null,
    deno: Deno.version.deno,
    pid: Deno.pid,
  };
}
