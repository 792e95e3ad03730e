/** A program of isolates that count with prom-client, for a process of its own. */
import * as prom from "@oresty/stat/prom";
import * as stat from "@oresty/stat";
import { isolateNumber } from "@oresty/shm";
import { Counter, Gauge, Histogram } from "prom-client";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

const registers = [prom.registry];
const help = "Help.";
const jobs = new Counter({ name: "jobs_total", help, registers });
const depth = new Gauge({ name: "depth", help, registers });
const most = new Gauge({ name: "most", help, registers, aggregator: "max" });
const times = new Histogram({ name: "times", help, buckets: [1], registers });
const ours = prom.counter("ours", help);

function count(n: number): void {
  jobs.inc(n);
  ours.inc(n);
  depth.set(n);
  most.set(n);
  times.observe(n);
}

/** Starts a worker that has counted and published when it is there. */
async function start(n: number): Promise<Started> {
  const worker = new Worker(new URL(import.meta.url));
  const before = await sums();
  const isolate = await ask(worker, n);
  // Its answer may be here before the news of its memories is.
  for (let i = 0; i < 300; i++) {
    const now = await sums();
    if (now.every((sum, k) => sum !== before[k])) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { worker, isolate };
}

interface Started {
  readonly worker: Worker;
  readonly isolate: number;
}

/** Lets it do something; it answers with its number. */
function ask(worker: Worker, message: number | "stop"): Promise<number> {
  return new Promise((resolve) => {
    worker.once("message", resolve);
    worker.postMessage(message);
  });
}

/** Lets it say that it ends, before it does. */
async function leave({ worker }: Started): Promise<void> {
  await ask(worker, "stop");
  await worker.terminate();
}

async function sums(): Promise<(string | undefined)[]> {
  return [await valueOf("jobs_total"), await valueOf("ours_total")];
}

async function valueOf(line: string): Promise<string | undefined> {
  const text = await prom.collect();
  return new RegExp(`^${line} (.*)$`, "m").exec(text)?.[1];
}

async function print(): Promise<void> {
  const lines = [
    ...["jobs_total", "ours_total", "depth", "most", "times_count"],
    ...["times_sum", 'times_bucket{le="1"}'],
  ];
  const values = [];
  for (const line of lines) values.push(await valueOf(line));
  console.log(values.join());
}

async function together(): Promise<void> {
  count(1);
  await print();
  const a = await start(10);
  const b = await start(5);
  await print();
  await leave(a);
  await print();
  const c = await start(2);
  await print();
  await b.worker.terminate();
  await c.worker.terminate();
  await print();
  console.log(await stat.retire(b.isolate));
  await print();
}

async function inTurn(): Promise<void> {
  for (let i = 0; i < 30; i++) {
    await leave(await start(1));
    console.log(await valueOf("jobs_total"));
  }
}

if (isMainThread) {
  await (Deno.args[0] === "together" ? together() : inTurn());
  Deno.exit();
}
const parent = parentPort!;
parent.on("message", async (message: number | "stop") => {
  if (message === "stop") {
    await stat.stop();
    parent.postMessage(isolateNumber());
    return;
  }
  count(message);
  await stat.start(); // the others are known, and it to them
  await prom.collect(); // publishes, as each second does
  parent.postMessage(isolateNumber());
});
