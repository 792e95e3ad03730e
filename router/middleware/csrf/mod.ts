/**
 * Refuses what other sites make browsers send; see {@linkcode csrf}.
 *
 * @module
 */
export * from "./csrf.ts";
