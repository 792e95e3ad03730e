/**
 * Bounds the time of an answer; see {@linkcode timeout}.
 *
 * @module
 */
export * from "./timeout.ts";
