/** How to reach MongoDB; without any option it is 127.0.0.1:27017. */
export interface MongoOptions {
  /**
   * `mongodb://...` or `mongodb+srv://...`, as the driver takes it.
   *
   * @default "mongodb://127.0.0.1:27017"
   */
  url?: string | URL;
  /**
   * Name of the database.
   *
   * @default "oresty"
   */
  db?: string;
  /**
   * The collection that all caches share.
   *
   * @default "cache"
   */
  collection?: string;
  /**
   * Seconds after which a call has failed, connecting included.
   *
   * @default 0.5
   */
  timeout?: number | string;
  /** Further options of the driver's `MongoClient`. */
  options?: Record<string, unknown>;
}

/** The names of {@linkcode MongoOptions}. */
export const MONGO_OPTIONS: readonly string[] = [
  "url",
  "db",
  "collection",
  "timeout",
  "options",
];
