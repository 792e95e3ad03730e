/**
 * A layer from elsewhere, such as a remote store: over the files, under the
 * environment. Every method may answer at once or later.
 */
export interface Source {
  /** How it is called in problems. */
  readonly name: string;
  /** Its values of now, nested as the configuration is. */
  current():
    | Readonly<Record<string, unknown>>
    | Promise<Readonly<Record<string, unknown>>>;
  /**
   * Calls a function when the values changed.
   *
   * @returns Ends it.
   */
  subscribe?(
    changed: () => void,
  ): (() => void) | Promise<() => void>;
}

/** Takes every accepted configuration, to hand it to other workers. */
export interface Publisher {
  /**
   * Takes a configuration.
   *
   * @param version Rises by one with each.
   * @param value The whole configuration.
   */
  publish(version: number, value: unknown): void | Promise<void>;
}
