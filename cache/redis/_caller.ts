import { LateError, within } from "../_tier_deadline.ts";
import { ThirdTierError, type ThirdTierReason } from "../third_tier_error.ts";
import type { RedisArgument, RedisLink } from "./_link.ts";
import type { Script } from "./_scripts.ts";

/** What one operation sends its commands by. */
export interface Sender {
  send(command: string, args: readonly RedisArgument[]): Promise<unknown>;
  run(
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<unknown>;
}

/** Sends commands, with a deadline, and makes one error of all that happens. */
export class Caller implements Sender {
  readonly link: RedisLink;
  readonly timeout: number;
  readonly #kind: string;
  readonly #secrets: readonly string[];

  /**
   * @param kind What it is called in errors.
   * @param timeout Seconds for an operation, connecting included.
   * @param secrets What must not be read in an error.
   */
  constructor(
    kind: string,
    link: RedisLink,
    timeout: number,
    secrets: readonly string[],
  ) {
    this.#kind = kind;
    this.link = link;
    this.timeout = timeout;
    this.#secrets = secrets.flatMap((each) => [
      each,
      encodeURIComponent(each.toWellFormed()),
    ]);
  }

  /**
   * Runs an operation.
   *
   * @throws {ThirdTierError} When it fails, or is not done in time.
   */
  async within<T>(
    operation: string,
    work: (sender: Sender) => Promise<T>,
  ): Promise<T> {
    let began = performance.now();
    try {
      await this.link.prepare();
      began = performance.now();
      return await within(this.timeout, work(this));
    } catch (error) {
      if (error instanceof LateError) this.link.suspect(began);
      throw this.#error(operation, error);
    }
  }

  send(command: string, args: readonly RedisArgument[]): Promise<unknown> {
    return this.link.call(command, args);
  }

  async run(
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<unknown> {
    const rest = [keys.length, ...keys, ...args];
    try {
      return await this.link.call("EVALSHA", [script.sha, ...rest]);
    } catch (error) {
      if (!/\bNOSCRIPT\b/.test(messageOf(error))) throw error;
      return await this.link.call("EVAL", [script.text, ...rest]);
    }
  }

  #error(operation: string, error: unknown): ThirdTierError {
    const message = this.#hide(messageOf(error));
    // Not the driver's own: it carries the command, of AUTH with the password.
    const cause = new Error(message);
    if (error instanceof Error) {
      cause.name = error.name;
      if (error.stack !== undefined) cause.stack = this.#hide(error.stack);
    }
    return new ThirdTierError(
      this.#kind,
      operation,
      reasonOf(error),
      message,
      cause,
    );
  }

  #hide(text: string): string {
    for (const secret of this.#secrets) text = text.replaceAll(secret, "***");
    return text;
  }
}

/** The words of an error of any driver. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== "") return error.message;
  // Several addresses were tried: the first one says enough.
  if (error instanceof AggregateError && error.errors.length > 0) {
    return messageOf(error.errors[0]);
  }
  return error.name;
}

/** An error that the server answered begins with its code in capitals. */
function reasonOf(error: unknown): ThirdTierReason {
  if (error instanceof LateError) return "timeout";
  return /^-?[A-Z][A-Z0-9_]+ /.test(messageOf(error)) ? "server" : "connection";
}

/** Whether the server answered with an error, and the connection is whole. */
export function isServerError(error: unknown): boolean {
  return reasonOf(error) === "server";
}
