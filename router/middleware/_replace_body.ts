/** The answer with another body and headers; its own stay as they are. */
export function replaceBody(
  response: Response,
  body: BodyInit | null,
  headers: Headers = response.headers,
  status: number = response.status,
): Response {
  return new Response(body, {
    status,
    statusText: status === response.status ? response.statusText : "",
    headers,
  });
}

/** Gives up a body that nobody reads. */
export function discard(response: Response): void {
  // Not awaited, and its own errors are nobody's: the answer is another one.
  if (response.body !== null && !response.bodyUsed) {
    response.body.cancel().catch(() => {});
  }
}
