import { LateError } from "../_tier_deadline.ts";
import { ThirdTierError, type ThirdTierReason } from "../third_tier_error.ts";

/** Makes one error of all that happens, without what must not be read. */
export function tierError(
  operation: string,
  error: unknown,
  secrets: readonly string[],
): ThirdTierError {
  let message = error instanceof Error ? error.message : String(error);
  for (const secret of secrets) message = message.replaceAll(secret, "***");
  // Not the driver's own: it carries the addresses and the command.
  const cause = new Error(message);
  if (error instanceof Error) cause.name = error.name;
  return new ThirdTierError(
    "mongo",
    operation,
    reasonOf(error),
    message,
    cause,
  );
}

/**
 * An error that the server answered has a code that is a number; so have some
 * that say that a connection is lost.
 */
export function reasonOf(error: unknown): ThirdTierReason {
  if (error instanceof LateError) return "timeout";
  if (typeof error !== "object" || error === null) return "connection";
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (/Network|Selection|Pool|WaitQueue/.test(String(name))) {
    return "connection";
  }
  return typeof code === "number" || name === "MongoServerError"
    ? "server"
    : "connection";
}
