/** How much a line of the log matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Writes lines to a log. */
export interface Logger {
  /** For who looks for a fault. */
  debug(message: string, fields?: Record<string, unknown>): void;
  /** What happened. */
  info(message: string, fields?: Record<string, unknown>): void;
  /** What should be looked at. */
  warn(message: string, fields?: Record<string, unknown>): void;
  /** What went wrong. */
  error(message: string, fields?: Record<string, unknown>): void;
}

/** How a {@linkcode JsonLogger} writes. */
export interface JsonLoggerOptions {
  /**
   * The least level that is written.
   *
   * @default {"info"}
   */
  level?: LogLevel | undefined;
  /**
   * Takes a finished line, without its newline.
   *
   * @default {console.log for debug and info, console.error otherwise}
   */
  write?: ((line: string, level: LogLevel) => void) | undefined;
  /** Fields that every line has. */
  fields?: Record<string, unknown>;
}

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/**
 * A log of JSON lines: `{"time":…,"level":…,"msg":…}` and the fields given.
 * Errors in fields are written with name, message, stack and cause.
 *
 * @example
 * ```ts
 * import { JsonLogger } from "@oresty/router";
 * import { assertEquals } from "@std/assert";
 *
 * const lines: string[] = [];
 * const log = new JsonLogger({ write: (line) => lines.push(line) });
 * log.info("started", { port: 2233 });
 * log.debug("left out");
 * assertEquals(lines.length, 1);
 * assertEquals(JSON.parse(lines[0]!).port, 2233);
 * ```
 */
export class JsonLogger implements Logger {
  readonly #least: number;
  readonly #level: LogLevel;
  readonly #write: (line: string, level: LogLevel) => void;
  readonly #fields: Record<string, unknown>;

  /**
   * Makes a log.
   *
   * @throws {TypeError} When the level is unknown.
   */
  constructor(options: JsonLoggerOptions = {}) {
    const { level = "info", write = toConsole, fields = {} } = options;
    this.#level = level;
    this.#least = LEVELS.indexOf(level);
    if (this.#least < 0) {
      throw new TypeError(
        `Cannot log at level "${level}": expected one of ${LEVELS.join(", ")}`,
      );
    }
    this.#write = write;
    this.#fields = fields;
  }

  debug(message: string, fields?: Record<string, unknown>): void {
    this.#log(0, message, fields);
  }

  info(message: string, fields?: Record<string, unknown>): void {
    this.#log(1, message, fields);
  }

  warn(message: string, fields?: Record<string, unknown>): void {
    this.#log(2, message, fields);
  }

  error(message: string, fields?: Record<string, unknown>): void {
    this.#log(3, message, fields);
  }

  /**
   * The same log with more fields on every line.
   *
   * @param fields Such as a request's id.
   */
  with(fields: Record<string, unknown>): JsonLogger {
    return new JsonLogger({
      level: this.#level,
      write: this.#write,
      fields: { ...this.#fields, ...fields },
    });
  }

  #log(
    rank: number,
    msg: string,
    fields: Record<string, unknown> | undefined,
  ): void {
    if (rank < this.#least) return;
    const level = LEVELS[rank]!;
    const time = new Date().toISOString();
    this.#write(
      stringify({ time, level, msg, ...this.#fields, ...fields }),
      level,
    );
  }
}

function stringify(line: Record<string, unknown>): string {
  try {
    return JSON.stringify(line, plain);
  } catch {
    // Cyclic: a log line must never be the reason that a request fails.
    const { time, level, msg, reqid } = line;
    return JSON.stringify({ time, level, msg, reqid, fields: "cyclic" });
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, stack, ...(cause === undefined ? {} : { cause }) };
}

function toConsole(line: string, level: LogLevel): void {
  // deno-lint-ignore no-console -- the standard streams are the log
  if (level === "debug" || level === "info") console.log(line);
  // deno-lint-ignore no-console -- the standard streams are the log
  else console.error(line);
}
