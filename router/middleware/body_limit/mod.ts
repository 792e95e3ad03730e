/**
 * Bounds the bytes of a body; see {@linkcode bodyLimit}.
 *
 * @module
 */
export * from "./body_limit.ts";
