import type { Arguments, Command, Surroundings } from "../command.ts";
import { UsageError } from "../command.ts";
import { linkConfig } from "../_link_config.ts";
import { defineConfig } from "@oresty/config";
import { nearest } from "@oresty/core";

type Check = () => Promise<string> | string;

/** `oresty check-env`: whether a service can start here. */
export const checkEnv: Command = {
  name: "check-env",
  usage: "[env] [--port <port>]",
  summary: "Link config to config_<env> and check what a start needs",
  options: {
    port: {
      type: "string",
      short: "p",
      value: "port",
      help:
        "The port to look at (PORT, else that of the configuration, or 2233)",
    },
  },
  words: [0, 1],
  run: async ({ values, positionals }: Arguments, at: Surroundings) => {
    const env = positionals[0] ?? readEnv("ORESTY_ENV") ?? "dev";
    if (!/^[A-Za-z0-9_-]+$/.test(env)) {
      throw new UsageError(
        `Cannot use environment "${env}": expected letters, digits, "-", "_"`,
      );
    }
    const given = values["port"];
    const port = given === undefined ? undefined : portOf(given);
    if (port === null) {
      throw new UsageError(
        `Cannot look at port "${given}": expected 0 to 65535`,
      );
    }
    const checks: Check[] = [
      checkDeno,
      ...["net", "read", "env"].map((name) => () =>
        checkPermission(name as Deno.PermissionName)
      ),
      ...["ctrl", "template", `config_${env}`].map((name) => () =>
        checkFolder(at.cwd, name)
      ),
      () => linkConfig(at.cwd, env),
      async () => checkPort(port ?? await configuredPort(at.cwd, env)),
    ];
    let failed = 0;
    for (const check of checks) {
      try {
        at.print(`ok    ${await check()}`);
      } catch (error) {
        failed++;
        // A line each, also of an error that lists more.
        const lines = (error as Error).message.split(/\s*\n\s*/);
        at.print(`FAIL  ${lines.join("; ")}`);
      }
    }
    return failed === 0 ? 0 : 1;
  },
};

function readEnv(name: string): string | undefined {
  const permission = { name: "env", variable: name } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") {
    return undefined;
  }
  return Deno.env.get(name) || undefined;
}

/** The port of a text or number, or null when it is none. */
function portOf(value: unknown): number | null {
  const text = String(value);
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null;
}

/** The port as `config.ts` of a new service reads it: PORT, else `app.port`. */
async function configuredPort(cwd: string, env: string): Promise<number> {
  const config = await defineConfig({
    dir: cwd,
    env,
    variables: { PORT: "app.port" },
    schema: {
      "~standard": {
        version: 1,
        vendor: "oresty",
        validate: (value) => ({ value }),
      },
    },
  });
  const { app } = config.value as { app?: { port?: unknown } };
  const value = app?.port ?? 2233;
  const port = portOf(value);
  if (port === null) {
    throw new Error(`port "${value}" is none, expected 0 to 65535`);
  }
  return port;
}

function checkDeno(): string {
  const [major, minor] = Deno.version.deno.split(".").map(Number);
  if (major! < 2 || (major === 2 && minor! < 9)) {
    throw new Error(`Deno ${Deno.version.deno} is too old, expected 2.9`);
  }
  return `Deno ${Deno.version.deno}`;
}

function checkPermission(name: Deno.PermissionName): string {
  const { state } = Deno.permissions.querySync({ name } as never);
  if (state !== "granted") {
    throw new Error(`permission ${name} is ${state}, expected --allow-${name}`);
  }
  return `permission ${name}`;
}

async function checkFolder(cwd: string, name: string): Promise<string> {
  try {
    const info = await Deno.stat(`${cwd}/${name}`);
    if (info.isDirectory) return `folder ${name}`;
  } catch (error) {
    if (
      !(error instanceof Deno.errors.NotFound) &&
      !(error instanceof Deno.errors.FilesystemLoop)
    ) throw error;
  }
  const guess = nearest(name, await foldersLike(cwd, name));
  throw new Error(
    `folder ${name} is missing` +
      (guess === undefined ? "" : `, did you mean "${guess}"?`),
  );
}

/** The folders whose names begin alike: of `config_prd` those of `config_`. */
async function foldersLike(cwd: string, name: string): Promise<string[]> {
  const [start] = /^[^_]+_/.exec(name) ?? [name];
  const names: string[] = [];
  for await (const entry of Deno.readDir(cwd)) {
    if (entry.isDirectory && entry.name.startsWith(start)) {
      names.push(entry.name);
    }
  }
  return names.sort();
}

function checkPort(port: number): string {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new Error(`port ${port} is in use by another program`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new Error(`port ${port} may not be taken by this user`);
    }
    throw error;
  }
  return `port ${port} is free`;
}
