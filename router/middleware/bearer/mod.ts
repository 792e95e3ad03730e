/**
 * Lets in who has a token; see {@linkcode bearer}.
 *
 * @module
 */
export * from "./bearer.ts";
