import type { Command } from "../command.ts";
import { runDeno } from "../_child.ts";
import { serverFile } from "../_project.ts";

/** `oresty dev`: the service while one types. */
export const dev: Command = {
  name: "dev",
  usage: "",
  summary: "Start the service, and again when a file changes",
  options: {},
  words: [0, 0],
  run: async (_args, at) => {
    await serverFile(at.cwd);
    // Deno replaces a changed controller in place and starts anew on a new
    // file; a syntax error is printed with its line and waits for the mend.
    return await runDeno(
      [
        "run",
        "-A",
        "--no-clear-screen",
        "--watch-hmr=ctrl/,template/",
        "server.ts",
      ],
      { cwd: at.cwd, env: { ORESTY_ENV: "dev" }, grace: 2 },
    );
  },
};
