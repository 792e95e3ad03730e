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
      using _ = await Deno.connect({ hostname: "127.0.0.1", port });
    },
  }), 60);
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
