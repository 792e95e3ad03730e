/**
 * Lets in who knows a name and password; see {@linkcode basicAuth}.
 *
 * @module
 */
export * from "./basic_auth.ts";
