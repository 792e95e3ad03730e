import type { ParseArgsConfig } from "node:util";

/** What a command gets from the command line. */
export interface Arguments {
  /** Options by name. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  /** What is no option. */
  readonly positionals: readonly string[];
}

/** Where a command runs: tests give their own. */
export interface Surroundings {
  /** The working directory. */
  readonly cwd: string;
  /** Prints a line of what was asked for. */
  readonly print: (line: string) => void;
  /**
   * Prints a line about what is wrong.
   *
   * @default {print}
   */
  readonly printError?: (line: string) => void;
}

/** A command of `oresty`. */
export interface Command {
  /** `new`. */
  readonly name: string;
  /** What follows the name: `<dir>`. */
  readonly usage: string;
  /** One line on what it does. */
  readonly summary: string;
  /** Its options as node:util parses them, each with its line of help. */
  readonly options: Readonly<
    Record<
      string,
      NonNullable<ParseArgsConfig["options"]>[string] & {
        readonly value?: string;
        readonly help: string;
      }
    >
  >;
  /** How many words it takes. */
  readonly words: readonly [least: number, most: number];
  /** Runs it; gives the exit code. */
  readonly run: (args: Arguments, at: Surroundings) => Promise<number>;
}

/** Wrong use of a command: a sentence for the user, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A command that failed: a sentence for the user, exit code 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
