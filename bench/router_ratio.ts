/**
 * Nanoseconds a look-up, parameters read, in interleaved rounds; the ratios to
 * find-my-way and hono are those of one run.
 *
 * Targets: static <= 40 ns; 12 routes <= 1.0 x find-my-way; 85 routes <= 1.5 x
 * find-my-way and faster than hono.
 */
import { median, record } from "./_measure.ts";
import {
  assertAnswers,
  type Competitor,
  competitors,
  paramOf,
} from "./routers.ts";
import { ambiguous, rest } from "./tables/rest.ts";
import { small } from "./tables/small.ts";
import type { Hit, Table } from "./tables/table.ts";

const ROUNDS = 15;
const LOOKUPS = 400_000;
let sink: unknown;

const staticRow: Table = {
  ...small,
  name: "12 routes, a static one",
  hits: small.hits.slice(0, 1),
};
const paramRow: Table = {
  ...small,
  name: "12 routes, one with a parameter",
  hits: small.hits.slice(2, 3),
};

const figures: Record<string, Record<string, number>> = {};
for (const table of [staticRow, paramRow, small, rest, ambiguous]) {
  assertAnswers(table);
  const routers = competitors(table);
  const rounds = new Map(routers.map(({ name }) => [name, [] as number[]]));
  for (const router of routers) round(router, table.hits); // warm-up
  for (let i = 0; i < ROUNDS; i++) {
    for (const router of routers) {
      rounds.get(router.name)!.push(round(router, table.hits));
    }
  }
  const row: Record<string, number> = {};
  for (const [name, all] of rounds) row[name] = median(all);
  const ours = row["oresty"]!;
  figures[table.name] = row;
  console.log(
    `${table.name.padEnd(34)} ` +
      Object.entries(row).map(([name, ns]) =>
        `${name} ${ns.toFixed(0)} ns (${(ours / ns).toFixed(2)})`
      ).join("  "),
  );
}
record("router", figures);

function round(router: Competitor, hits: readonly Hit[]): number {
  const reads = hits.map((hit) =>
    [hit.method, hit.path, paramOf(hit)] as const
  );
  const times = Math.ceil(LOOKUPS / hits.length);
  const start = performance.now();
  for (let i = 0; i < times; i++) {
    for (const [method, path, param] of reads) {
      sink = router.find(method, path, param);
    }
  }
  return (performance.now() - start) * 1e6 / (times * hits.length);
}
void sink;
