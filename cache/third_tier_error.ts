/**
 * Why a third tier did not do what it was asked: nothing came back in time, it
 * could not be reached, or it answered with an error.
 */
export type ThirdTierReason = "timeout" | "connection" | "server";

/**
 * A third tier did not do what it was asked. Whether it was done nevertheless is
 * unknown when its reason is `"timeout"` or `"connection"`.
 *
 * @example
 * ```ts
 * import { ThirdTierError } from "@oresty/cache/redis";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new ThirdTierError("redis", "read", "timeout", "no answer");
 * assertEquals(error.message, "Cannot read from redis: no answer");
 * ```
 */
export class ThirdTierError extends Error {
  /** Always `"ThirdTierError"`. */
  override readonly name = "ThirdTierError";
  /** What it is called: "redis", "mongo". */
  readonly kind: string;
  /** What was asked: "read", "claim", "commit". */
  readonly operation: string;
  /** Why it was not done. */
  readonly reason: ThirdTierReason;

  /**
   * Tiers make them.
   *
   * @param kind What the tier is called.
   * @param operation What was asked.
   * @param reason Why it was not done.
   * @param detail The end of the message.
   * @param cause The driver's error, when there is one.
   */
  constructor(
    kind: string,
    operation: string,
    reason: ThirdTierReason,
    detail: string,
    cause?: unknown,
  ) {
    super(
      `Cannot ${operation} ${FROM.has(operation) ? "from" : "in"} ` +
        `${kind}: ${detail}`,
      cause === undefined ? undefined : { cause },
    );
    this.kind = kind;
    this.operation = operation;
    this.reason = reason;
  }
}

const FROM: ReadonlySet<string> = new Set(["read", "remove"]);
