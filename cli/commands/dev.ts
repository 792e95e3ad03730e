import type { Command } from "../command.ts";
import { runDeno } from "../_child.ts";
import { serverFile } from "../_project.ts";

/**
 * Runs before the service. When that has drained, the watcher would wait for a
 * changed file; this ends it. TERM does not tell: the watcher sends one itself
 * before it starts the service anew. A command that was killed takes the
 * service along, which would hold the port with nobody to end it.
 */
const ENDING = `let ended = false;
Deno.addSignalListener("SIGUSR2", () => ended = true);
addEventListener("unload", () => ended && Deno.kill(Deno.pid, "SIGKILL"));
const parent = Deno.ppid;
Deno.unrefTimer(setInterval(() => {
  if (Deno.ppid !== parent) Deno.kill(Deno.pid, "SIGKILL");
}, 500));`;

/** What is read when the service starts, beside its modules. */
const WATCHED = [
  "ctrl/",
  "template/",
  "config_default/",
  "config_dev/",
  ".env",
];

/** `oresty dev`: the service while one types. */
export const dev: Command = {
  name: "dev",
  usage: "",
  summary: "Start the service, and again when a file changes",
  options: {},
  words: [0, 0],
  run: async (_args, at) => {
    await serverFile(at.cwd);
    const watched: string[] = [];
    for (const path of WATCHED) {
      if (await exists(`${at.cwd}/${path}`)) watched.push(path);
    }
    // Deno replaces a changed controller in place and starts anew on a new
    // file; a syntax error is printed with its line and waits for the mend.
    return await runDeno(
      [
        "run",
        "-A",
        "--no-clear-screen",
        `--preload=data:text/javascript,${encodeURIComponent(ENDING)}`,
        `--watch-hmr=${watched.join(",")}`,
        "server.ts",
      ],
      {
        cwd: at.cwd,
        env: { ORESTY_ENV: "dev" },
        signals: ["SIGUSR2", "SIGTERM"],
        // Longer than a service takes to drain.
        grace: 15,
        // The watcher takes Ctrl-C for itself and gives a service half a second.
        apart: true,
      },
    );
  },
};

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
