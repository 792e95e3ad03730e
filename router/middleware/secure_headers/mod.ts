/**
 * Tells browsers to be careful; see {@linkcode secureHeaders}.
 *
 * @module
 */
export * from "./secure_headers.ts";
