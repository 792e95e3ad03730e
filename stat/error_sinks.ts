import { kindOf, messageOf } from "./_thrown.ts";
import { definitionOf } from "./_definition.ts";
import { isolateRegistry } from "./_isolate.ts";
import { create } from "./stat.ts";

/** Takes an error that was not handled. */
export type ErrorSink = (error: unknown, kind?: string) => void;

/** An error as a line of the log. */
export interface ErrorLine {
  /** When, as ISO 8601. */
  readonly time: string;
  /** Always `error`. */
  readonly level: "error";
  /** What kind it is of: the one that was said, or its name. */
  readonly kind: string;
  /** What it says. */
  readonly message: string;
  /** Where it was thrown; absent for what is no error. */
  readonly stack?: string;
}

/**
 * A sink that counts errors in `oresty_errors_total{kind}`.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * const count = stat.errorCounter();
 * count(new RangeError("too large"));
 * count("no error", "task");
 * assertEquals(stat.get_metrics().map((m) => `${m.metric}${m.labels}`), [
 *   'oresty_errors_total{kind="RangeError"}',
 *   'oresty_errors_total{kind="task"}',
 * ]);
 * await stat.stop();
 * ```
 */
export function errorCounter(): ErrorSink {
  isolateRegistry().declare(
    definitionOf("oresty_errors_total", {
      type: "counter",
      help: "Errors that were not handled, by kind.",
    }),
  );
  return (error, kind = kindOf(error)) => {
    create({ kind: kind.slice(0, LONGEST_KIND) })
      .counter("oresty_errors_total").incr();
  };
}

/**
 * A sink that writes errors as lines of JSON.
 *
 * @param write Gets each line in place of standard error.
 *
 * @example
 * ```ts
 * import { errorLog, type ErrorLine } from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * const lines: ErrorLine[] = [];
 * const log = errorLog((line) => lines.push(line));
 * log(new RangeError("too large"));
 * assertEquals([lines[0]?.kind, lines[0]?.message], [
 *   "RangeError",
 *   "too large",
 * ]);
 * ```
 */
export function errorLog(
  write: (line: ErrorLine) => void = toStandardError,
): ErrorSink {
  return (error, kind = kindOf(error)) => {
    const line = {
      time: new Date().toISOString(),
      level: "error",
      kind,
      message: messageOf(error),
    } as const;
    write(
      error instanceof Error && typeof error.stack === "string"
        ? { ...line, stack: error.stack }
        : line,
    );
  };
}

const LONGEST_KIND = 100;

function toStandardError(line: ErrorLine): void {
  // deno-lint-ignore no-console -- it is a log
  console.error(JSON.stringify(line));
}
