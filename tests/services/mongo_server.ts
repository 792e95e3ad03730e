import { available, canStart, findProgram } from "./available.ts";
import { Service } from "./service.ts";

/** Whether a test can have a server that speaks MongoDB's protocol. */
export function hasMongo(): boolean {
  if (!canStart()) return false;
  return available("mongo-java-server", problem());
}

/** Starts a server that keeps everything in memory. */
export async function startMongo(): Promise<Service> {
  const lib = `${installed()}/lib`;
  return await Service.start((port, folder) => ({
    name: "mongo-java-server",
    program: "java",
    cwd: folder,
    // Small, and quick to start.
    args: [
      ...["-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"],
      ...["-cp", `${lib}/*:${lib}`, "Main", String(port)],
    ],
    async ready() {
      // Refused at once where nobody listens yet.
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      await warmUp(port);
    },
  }), 60);
}

/**
 * Its first answers take half a second each on a machine that is busy, which is
 * all the time that the tests give them: they are asked for here.
 */
async function warmUp(port: number): Promise<void> {
  const { MongoClient } = await import("mongodb");
  const client = new MongoClient(`mongodb://127.0.0.1:${port}`);
  try {
    const collection = client.db("warm").collection<{ _id: string }>("up");
    let quick = 0;
    for (let i = 0; quick < 3 && i < 50; i++) {
      const began = performance.now();
      const options = { upsert: true } as const;
      const one = { _id: `${i}` };
      await collection.findOneAndUpdate(one, { $set: { a: 1 } }, options);
      await collection.find(one).toArray();
      await collection.updateOne(one, { $inc: { a: 1 } }, options);
      await collection.deleteOne(one);
      quick = performance.now() - began < 50 ? quick + 1 : 0;
    }
  } finally {
    await client.close();
  }
}

function problem(): string | undefined {
  if (findProgram("java") === undefined) return "java is not installed";
  try {
    Deno.statSync(`${installed()}/from`);
    return undefined;
  } catch {
    return `there is no "${installed()}"`;
  }
}

/** Where install.sh puts it. */
function installed(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ||
    `${Deno.env.get("HOME") ?? ""}/.cache`;
  return `${Deno.env.get("ORESTY_SERVICES") || `${cache}/oresty/services`}` +
    "/mongo";
}
