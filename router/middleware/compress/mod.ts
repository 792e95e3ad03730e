/**
 * Compresses answers; see {@linkcode compress}.
 *
 * @module
 */
export * from "./compress.ts";
