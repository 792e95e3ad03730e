/**
 * Lets in who has a signed token; see {@linkcode jwt}.
 *
 * @module
 */
export * from "./jwt.ts";
