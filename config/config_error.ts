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

  /** Makes an error of problems. */
  constructor(problems: readonly Problem[]) {
    const lines = problems.map(({ path, message }) => `  ${path}: ${message}`);
    super(
      `Cannot use the configuration: ${problems.length} ` +
        `${problems.length === 1 ? "problem" : "problems"}\n${
          lines.join("\n")
        }`,
    );
    this.problems = problems;
  }
}
