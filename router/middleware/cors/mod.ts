/**
 * Lets scripts of other origins read answers; see {@linkcode cors}.
 *
 * @module
 */
export * from "./cors.ts";
