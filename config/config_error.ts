import { tidy } from "./_redact.ts";

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Where: `redis.port`, or the file that cannot be read. */
  readonly path: string;
  /** What was expected; holds no secret. */
  readonly message: string;
}

/**
 * A configuration that cannot be used, with everything that is wrong with it.
 */
export class ConfigError extends Error {
  /** Always `ConfigError`. */
  override readonly name = "ConfigError";
  /** All problems, in the order of their paths. */
  readonly problems: readonly Problem[];

  /** Makes an error of problems; credentials in URLs are left out. */
  constructor(problems: readonly Problem[]) {
    const tidied = problems.map(({ path, message }) => ({
      path,
      message: tidy(message),
    }));
    const lines = tidied.map(({ path, message }) => `  ${path}: ${message}`);
    super(
      `Cannot use the configuration: ${problems.length} ` +
        `${problems.length === 1 ? "problem" : "problems"}\n${
          lines.join("\n")
        }`,
    );
    this.problems = tidied;
  }
}

/** An error as it is, or what went wrong elsewhere as one with a place. */
export function asConfigError(path: string, error: unknown): ConfigError {
  if (error instanceof ConfigError) return error;
  return new ConfigError([{ path, message: reasonOf(error) }]);
}

/** What is wrong with a layer, in a line. */
export function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "is missing";
  if (error instanceof Deno.errors.PermissionDenied) return "may not be read";
  if (error instanceof Deno.errors.FilesystemLoop) {
    return "is a link that leads to itself";
  }
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0] || "failed without a reason";
}
