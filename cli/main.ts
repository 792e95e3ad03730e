import { nearest } from "@oresty/core";
import { parseArgs } from "node:util";
import config from "./deno.json" with { type: "json" };
import {
  type Command,
  CommandError,
  type Surroundings,
  UsageError,
} from "./command.ts";
import { checkEnv } from "./commands/check_env.ts";
import { dev } from "./commands/dev.ts";
import { create } from "./commands/new.ts";
import { routes } from "./commands/routes.ts";
import { start } from "./commands/start.ts";

const COMMANDS: readonly Command[] = [create, dev, start, routes, checkEnv];

/**
 * Runs `oresty` with arguments.
 *
 * @param args What stands behind `oresty` on the command line.
 * @param at Where it runs.
 * @returns The exit code: 0 done, 1 failed, 2 wrong use; of `start` and `dev`
 * that of the service, such as 75 for a port in use and 78 for a configuration
 * that is wrong.
 *
 * @example
 * ```ts
 * import { main } from "@oresty/cli";
 * import { assertEquals } from "@std/assert";
 *
 * const lines: string[] = [];
 * const code = await main(["strat"], {
 *   cwd: "/",
 *   print: (line) => lines.push(line),
 * });
 * assertEquals(code, 2);
 * assertEquals(
 *   lines[0],
 *   `Cannot run "strat": no such command, did you mean "start"?`,
 * );
 * ```
 */
export async function main(
  args: readonly string[],
  at: Surroundings,
): Promise<number> {
  const { printError = at.print } = at;
  try {
    return await dispatch(args, at);
  } catch (error) {
    if (error instanceof UsageError) {
      printError(error.message);
      return 2;
    }
    if (error instanceof Deno.errors.NotCapable) {
      printError(`Cannot go on: ${error.message}`);
      return 1;
    }
    if (error instanceof CommandError) {
      printError(error.message);
      return 1;
    }
    throw error;
  }
}

async function dispatch(
  args: readonly string[],
  at: Surroundings,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined) {
    const { printError = at.print } = at;
    for (const line of overview()) printError(line);
    return 2;
  }
  if (name === "help" || name === "--help" || name === "-h") {
    // "oresty help new" is "oresty new --help".
    const [about] = rest.filter((word) => !word.startsWith("-"));
    if (about !== undefined) return await dispatch([about, "--help"], at);
    for (const line of overview()) at.print(line);
    return 0;
  }
  if (name === "--version" || name === "-V") {
    at.print(`oresty ${config.version}`);
    return 0;
  }
  const command = COMMANDS.find((command) => command.name === name);
  if (command === undefined) {
    const guess = nearest(name, [
      ...COMMANDS.map(({ name }) => name),
      "help",
      "--help",
      "--version",
    ]);
    throw new UsageError(
      `Cannot run "${name}": no such command, ` +
        (guess === undefined
          ? `"oresty --help" lists them`
          : `did you mean "${guess}"?`),
    );
  }
  const { values, positionals } = parse(command, rest);
  if (values["help"] === true) {
    for (const line of help(command)) at.print(line);
    return 0;
  }
  const [least, most] = command.words;
  if (positionals.length < least || positionals.length > most) {
    throw new UsageError(
      `Cannot run "${name}" with ${count(positionals.length)}: ` +
        `expected oresty ${name} ${command.usage}`.trimEnd(),
    );
  }
  return await command.run({ values, positionals }, at);
}

function count(words: number): string {
  return words === 1 ? "1 word" : `${words} words`;
}

function parse(command: Command, args: string[]) {
  const options = { ...command.options, help: HELP };
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const unknown = /^Unknown option '(-[^' ]+)'/.exec(
      (error as Error).message,
    );
    if (unknown === null) {
      throw new UsageError(
        `Cannot run "${command.name}": ${(error as Error).message}`,
      );
    }
    const guess = nearest(unknown[1]!.replace(/^-+/, ""), Object.keys(options));
    throw new UsageError(
      `Cannot run "${command.name}" with "${unknown[1]}": no such option, ` +
        (guess === undefined
          ? `"oresty ${command.name} --help" lists them`
          : `did you mean "--${guess}"?`),
    );
  }
}

const HELP = { type: "boolean", short: "h", help: "Print this" } as const;

function overview(): string[] {
  return [
    "Usage: oresty <command> [options]",
    "",
    ...COMMANDS.map(({ name, usage, summary }) =>
      `  ${`${name} ${usage}`.padEnd(31)} ${summary}`
    ),
    "",
    "oresty <command> --help says more.",
  ];
}

function help(command: Command): string[] {
  const options = Object.entries({ ...command.options, help: HELP });
  return [
    `Usage: oresty ${command.name} ${command.usage}`.trimEnd(),
    "",
    command.summary,
    "",
    ...options.map(([name, option]) => {
      const short = option.short === undefined ? "    " : `-${option.short}, `;
      const value = "value" in option ? ` <${option.value}>` : "";
      return `  ${short}${`--${name}${value}`.padEnd(24)} ${option.help}`;
    }),
  ];
}
