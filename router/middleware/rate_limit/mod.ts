/**
 * Bounds how often a client comes; see {@linkcode rateLimit}.
 *
 * @module
 */
export * from "./rate_limit.ts";
export * from "./memory_store.ts";
