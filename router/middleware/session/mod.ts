/**
 * Keeps data of a visitor; see {@linkcode session}.
 *
 * @module
 */
export * from "./session.ts";
export * from "./memory_store.ts";
