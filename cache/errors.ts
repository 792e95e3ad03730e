/** What a cache throws beside what loaders throw. */
export class CacheError extends Error {
  /** Its class. */
  override name = "CacheError";
}

/** Another load of the key did not end within `lockTimeout`. */
export class LockTimeoutError extends CacheError {
  /** Its class. */
  override name = "LockTimeoutError";
}

/** A load did not end within `hardTimeout`. */
export class LoadTimeoutError extends CacheError {
  /** Its class. */
  override name = "LoadTimeoutError";
}

/** A load asked for its own key, and would wait for itself. */
export class ReentrancyError extends CacheError {
  /** Its class. */
  override name = "ReentrancyError";
}

/** A key as errors show it. */
export function quoteKey(key: string): string {
  return JSON.stringify(key.length > 100 ? `${key.slice(0, 100)}…` : key);
}
