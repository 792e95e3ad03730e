/**
 * Requests per second of a file of 64 KiB: the server on one core, wrk on the
 * other, in interleaved rounds; ratios are those of one run.
 *
 * Target: the middleware >= 0.90 of the fastest plain way, which does nothing
 * but read the file: no path, no condition, no range.
 */
import { median, record } from "./_measure.ts";
import { load, type Server, startServer } from "./_server.ts";

const quick = Deno.args.includes("--quick");
const rounds = quick ? 1 : 7;
const seconds = quick ? 1 : 3;
const size = 65_536;

const folder = await Deno.makeTempDir();
const path = `${folder}/file.bin`;
const bytes = crypto.getRandomValues(new Uint8Array(size));
await Deno.writeFile(path, bytes);

// deno-lint-ignore no-undef -- newer than the list of the rule
await using stack = new AsyncDisposableStack();
stack.defer(() => Deno.remove(folder, { recursive: true }));
const servers: Server[] = [];
for (const way of ["stream", "read", "sync"]) {
  const args = ["bench/http/static_plain.ts", way, path];
  servers.push(stack.use(await startServer(way, args)));
}
const own = await startServer("oresty", [
  "bench/http/static_oresty.ts",
  folder,
]);
servers.push(stack.use(own));
for (const server of servers) await assertAnswers(server);

const all = new Map(servers.map(({ name }) => [name, [] as number[]]));
for (const server of servers) await load(`${server.url}/file.bin`, 1); // warm-up
for (let i = 0; i < rounds; i++) {
  for (const server of servers) {
    all.get(server.name)!.push(await load(`${server.url}/file.bin`, seconds));
  }
}
const middle = (name: string) => median(all.get(name)!);
const best = Math.max(...["stream", "read", "sync"].map(middle));
const figures: Record<string, unknown> = {};
for (const [name, requests] of all) {
  const row = {
    requestsPerSecond: Math.round(middle(name)),
    min: Math.round(Math.min(...requests)),
    max: Math.round(Math.max(...requests)),
    ofBestPlain: Math.round(middle(name) / best * 1000) / 1000,
  };
  figures[name] = row;
  console.log(name.padEnd(8), JSON.stringify(row));
}
if (!quick) record("static", figures);

async function assertAnswers({ name, url }: Server): Promise<void> {
  const response = await fetch(`${url}/file.bin`);
  const body = await response.bytes();
  const type = response.headers.get("content-type");
  const isSame = body.length === size &&
    body.every((byte, i) => byte === bytes[i]);
  if (!isSame || type !== "application/octet-stream") {
    throw new Error(`${name} answers ${type} and ${body.length} other bytes`);
  }
}
