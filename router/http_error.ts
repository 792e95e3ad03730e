import { STATUS_TEXT } from "./_status.ts";

/** One thing that is wrong with what a client sent. */
export interface Issue {
  /** Where: `["body", "user", "email"]`. */
  path: (string | number)[];
  /** What was expected. */
  message: string;
}

/** What an {@linkcode HttpError} may carry. */
export interface HttpErrorOptions {
  /** What led to it; logged, never sent. */
  cause?: unknown;
  /** Headers of the answer, such as `Retry-After`. */
  headers?: HeadersInit;
  /** What is wrong with the request, sent as `issues`. */
  issues?: Issue[];
  /**
   * Whether the message is sent to the client.
   *
   * @default {status < 500}
   */
  expose?: boolean;
}

/**
 * An error with a status for the client: thrown in a handler it becomes the
 * answer `{ http_code, reqid, err }`.
 *
 * @example
 * ```ts
 * import { HttpError } from "@oresty/router";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new HttpError(404, "No such user");
 * assertEquals(error.status, 404);
 * ```
 */
export class HttpError extends Error {
  /** Always `HttpError`. */
  override readonly name = "HttpError";
  /** The status of the answer, 400 to 599. */
  readonly status: number;
  /** Headers of the answer. */
  readonly headers: Headers;
  /** What is wrong with the request. */
  readonly issues: readonly Issue[] | undefined;
  /** Whether the message is sent to the client. */
  readonly expose: boolean;

  /**
   * Makes an error with a status.
   *
   * @param status 400 to 599.
   * @param message What the client reads; the status text by default.
   * @param options More about it.
   * @throws {RangeError} When the status is none of an error.
   */
  constructor(
    status: number,
    message?: string,
    options: HttpErrorOptions = {},
  ) {
    const { cause, headers, issues, expose } = options;
    if (!(Number.isInteger(status) && status >= 400 && status <= 599)) {
      throw new RangeError(
        `Cannot make an HttpError: status "${status}" is none of an error, ` +
          `expected 400 to 599`,
      );
    }
    super(
      message ?? STATUS_TEXT.get(status) ?? `Status ${status}`,
      cause === undefined ? undefined : { cause },
    );
    this.status = status;
    this.headers = new Headers(headers);
    this.issues = issues;
    this.expose = expose ?? status < 500;
  }
}
