import type { Command } from "../command.ts";
import { runDeno } from "../_child.ts";
import { serverFile } from "../_project.ts";

/** `oresty start`: the service as it runs in production. */
export const start: Command = {
  name: "start",
  usage: "",
  summary: "Start the service",
  options: {
    env: {
      type: "string",
      short: "e",
      value: "env",
      help: "ORESTY_ENV of the service",
    },
  },
  words: [0, 0],
  run: async ({ values }, at) => {
    await serverFile(at.cwd);
    const env: Record<string, string> = values["env"] === undefined
      ? {}
      : { ORESTY_ENV: String(values["env"]) };
    return await runDeno(["run", "-A", "server.ts"], {
      cwd: at.cwd,
      env,
      signals: ["SIGTERM"],
      // The service drains by its own deadline; this one is for a hanging one.
      grace: 60,
      apart: false,
    });
  },
};
