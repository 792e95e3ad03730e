/**
 * Serves the files of a folder; see {@linkcode staticFiles}.
 *
 * @module
 */
export * from "./static_files.ts";
