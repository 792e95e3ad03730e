const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** Whether it is harmless in a log and a header. */
export function isRequestId(id: unknown): id is string {
  return typeof id === "string" && REQUEST_ID.test(id);
}

/** The client's request id when it is harmless, else a random UUID. */
export function requestIdOf(request: Request): string {
  const sent = request.headers.get("x-request-id");
  return isRequestId(sent) ? sent : crypto.randomUUID();
}
