/**
 * Spares clients what they have already; see {@linkcode etag}.
 *
 * @module
 */
export * from "./etag.ts";
