/**
 * A server as people write one: HTTP in front, work in threads that are replaced
 * when they die, metrics on the admin listener. For a process of its own.
 */
import { spawn, type SpawnedWorker, workerParent } from "@oresty/core";
import { isolateNumber } from "@oresty/shm";
import * as stat from "@oresty/stat";

const WORKERS = 2;

stat.declare("jobs", { type: "counter", help: "Jobs that are done." });
stat.declare("job_seconds", {
  type: "histogram",
  help: "How long jobs take.",
  buckets: [0.1, 0.2, 0.4, 0.8],
});
const parent = await workerParent();
if (parent === undefined) await serve();
else await work(parent.data as Truth);

/** Begun jobs, done jobs; in memory of the main thread, a worker each. */
type Truth = Int32Array<SharedArrayBuffer>;

/** Takes jobs, without a pause that would matter. */
async function work(truth: Truth): Promise<void> {
  await stat.start();
  const jobs = stat.create().counter("jobs");
  const seconds = stat.create().histogram("job_seconds");
  parent!.post(isolateNumber());
  const turn = () => {
    for (let i = 0; i < 50; i++) {
      truth[0]!++;
      jobs.incr();
      truth[1]!++;
      seconds.observe(0.15);
    }
    setTimeout(turn, 1);
  };
  turn();
}

async function serve(): Promise<void> {
  stat.collectProcess({ version: "1.0.0" });
  const { url } = await stat.serve({ port: 0 });
  const requests = stat.create({ app: "demo" }).counter("requests");
  requests.incr(0); // it is scraped as 0 before the first request
  const s = stat.create();
  s.counter("jobs");
  const workers: { worker: SpawnedWorker; truth: Truth; isolate: number }[] =
    [];
  let [least, most, kills] = [0, 0, 0];
  const start = async () => {
    const truth = new Int32Array(new SharedArrayBuffer(8));
    const worker = await spawn(import.meta.url, { data: truth });
    const isolate = await new Promise<number>((resolve) =>
      worker.listen((message) => resolve(message as number))
    );
    workers.push({ worker, truth, isolate });
  };
  const kill = async () => {
    const { worker, truth, isolate } = workers.shift()!;
    await worker.stop();
    kills++;
    // The end is told before it has come.
    for (let last = -1; last !== truth[1];) {
      last = truth[1]!;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    most += truth[0]!;
    least += truth[1]!;
    await stat.release(isolate);
  };
  for (let i = 0; i < WORKERS; i++) await start();
  Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/ ${url}/`),
  }, async (request) => {
    switch (new URL(request.url).pathname) {
      case "/replace": {
        await kill();
        await start();
        return Response.json({ kills });
      }
      case "/end": {
        while (workers.length > 0) await kill();
        return Response.json({ least, most, kills });
      }
      default:
        requests.incr();
        return new Response("hello");
    }
  });
}
