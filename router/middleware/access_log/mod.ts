/**
 * Writes a line for each request; see {@linkcode accessLog}.
 *
 * @module
 */
export * from "./access_log.ts";
