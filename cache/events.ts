/** Where a value came from. */
export type Source = "l1" | "l2" | "l3" | "loader" | "none";

/** What a cache tells its `on`. */
export type CacheEvent =
  | {
    readonly type: "hit";
    readonly key: string;
    readonly source: Source;
    readonly stale: boolean;
  }
  | { readonly type: "miss"; readonly key: string }
  | {
    readonly type: "load";
    readonly key: string;
    /** Seconds. */
    readonly duration: number;
    /** Whether the value was kept: not when it was changed meanwhile. */
    readonly stored: boolean;
  }
  | {
    readonly type: "load_error";
    readonly key: string;
    readonly error: unknown;
  }
  | { readonly type: "lock_timeout"; readonly key: string }
  | { readonly type: "set" | "delete" | "expire"; readonly key: string }
  | { readonly type: "purge" }
  | { readonly type: "delete_by_tag"; readonly tags: readonly string[] }
  | { readonly type: "too_large"; readonly key: string }
  | {
    readonly type: "l3_error";
    readonly operation: string;
    readonly error: unknown;
  }
  | {
    readonly type: "breaker";
    readonly state: "open" | "half-open" | "closed";
  }
  | {
    readonly type: "gap";
    /** Seconds for which nothing was heard of other hosts. */
    readonly duration: number;
  };
