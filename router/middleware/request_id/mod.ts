/**
 * Names requests in answers and logs; see {@linkcode requestId}.
 *
 * @module
 */
export * from "./request_id.ts";
