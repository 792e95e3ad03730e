import { HttpError } from "../http_error.ts";

/** The answer to who is not let in, with how to come in. */
export function unauthorized(challenge: string): HttpError {
  return new HttpError(401, undefined, {
    headers: { "www-authenticate": challenge },
  });
}
