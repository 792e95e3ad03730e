import type { Arguments, Command, Surroundings } from "../command.ts";
import { UsageError } from "../command.ts";
import { linkConfig } from "../_link_config.ts";

type Check = () => Promise<string> | string;

/** `oresty check-env`: whether a service can start here. */
export const checkEnv: Command = {
  name: "check-env",
  usage: "[env]",
  summary: "Link config to config_<env> and check what a start needs",
  options: {
    port: {
      type: "string",
      short: "p",
      value: "port",
      help: "The port to look at (PORT, or 2233)",
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
    const port = readPort(values["port"] ?? readEnv("PORT") ?? "2233");
    const checks: Check[] = [
      checkDeno,
      ...["net", "read", "env"].map((name) => () =>
        checkPermission(name as Deno.PermissionName)
      ),
      ...["ctrl", "template", `config_${env}`].map((name) => () =>
        checkFolder(at.cwd, name)
      ),
      () => linkConfig(at.cwd, env),
      () => checkPort(port),
    ];
    let failed = 0;
    for (const check of checks) {
      try {
        at.print(`ok    ${await check()}`);
      } catch (error) {
        failed++;
        at.print(`FAIL  ${(error as Error).message}`);
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

function readPort(text: string | boolean): number {
  const port = Number(text);
  if (!/^\d+$/.test(String(text)) || port > 65_535) {
    throw new UsageError(
      `Cannot look at port "${text}": expected 0 to 65535`,
    );
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
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new Error(`folder ${name} is missing`);
}

function checkPort(port: number): string {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(`port ${port} is in use by another program`);
  }
  return `port ${port} is free`;
}
