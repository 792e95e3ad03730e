/**
 * The worker of the admin listener: it answers while all other isolates are
 * busy, because it asks none of them.
 */
import { workerParent } from "@oresty/core";
import { adoptMemories, isolateNumber } from "@oresty/shm";
import { type AdminData, type AdminMessage, END } from "./_admin_messages.ts";
import { routeAdmin } from "./_admin_routes.ts";
import { isolateRegistry } from "./_isolate.ts";
import { stop } from "./_lifecycle.ts";
import { promSource } from "./_prom_source.ts";
import { addMetricsSource } from "./_render.ts";
import { StatusPage } from "./status/_status_page.ts";

/** Between tries to get a port that is taken, in milliseconds. */
const TRY_AGAIN = [250, 1000, 5000] as const;

// deno-lint-ignore no-top-level-await -- a worker is its module
await main();

async function main(): Promise<void> {
  const parent = await workerParent();
  if (parent === undefined) return; // it was imported, not started
  const { hostname, port, token, window, memories } = parent.data as AdminData;
  const post = (message: AdminMessage) => parent.post(message);
  let server: Deno.HttpServer | undefined;
  let isEnding = false;
  const end = async () => {
    isEnding = true;
    await server?.shutdown();
    await stop();
    post({ kind: "left" });
  };
  parent.listen((message) => {
    if (message === END) end().catch(reportProblem);
  });
  post({ kind: "isolate", number: isolateNumber() });
  await adoptMemories(memories);
  const registry = isolateRegistry();
  registry.windowSeconds = window;
  await registry.join();
  addMetricsSource(await promSource());
  const access = { hostname, token };
  const page = await StatusPage.open(registry, access);
  for (let tries = 0; !isEnding; tries++) {
    try {
      server = Deno.serve({
        hostname,
        port,
        onListen: (address) => post({ kind: "listening", port: address.port }),
        onError: (error) => {
          reportProblem(error);
          return new Response("internal error\n", { status: 500 });
        },
      }, (request) => routeAdmin({ registry, access, page }, request));
      break;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      post({ kind: "taken", isOurs: await isOurs(hostname, port) });
      const wait = TRY_AGAIN[Math.min(tries, TRY_AGAIN.length - 1)]!;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** Whether it is this process that listens: another isolate was first. */
async function isOurs(hostname: string, port: number): Promise<boolean> {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  try {
    const response = await fetch(`http://${host}:${port}/healthz`, {
      signal: AbortSignal.timeout(1000),
    });
    const { pid } = await response.json() as { pid?: unknown };
    return pid === Deno.pid;
  } catch {
    return false;
  }
}

function reportProblem(error: unknown): void {
  // deno-lint-ignore no-console -- there is no logger this far down
  console.error("oresty: the admin listener failed:", error);
}
