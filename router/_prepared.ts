const NULL_BODY = new Set([101, 204, 205, 304]);

/** Status and headers that a handler sets before it returns its value. */
export class Prepared {
  status = 0;
  #headers: Headers | null = null;

  get headers(): Headers {
    return this.#headers ??= new Headers();
  }

  get isEmpty(): boolean {
    return this.status === 0 && this.#headers === null;
  }

  /** Makes an answer of a body, and forgets what was prepared. */
  respond(body: BodyInit | null, type: string): Response {
    const status = this.status || 200;
    const headers = this.#headers ?? new Headers();
    this.clear();
    if (body === null || NULL_BODY.has(status)) {
      return new Response(null, {
        status: body === null && status === 200 ? 204 : status,
        headers,
      });
    }
    if (type !== "" && !headers.has("content-type")) {
      headers.set("content-type", type);
    }
    return new Response(body, { status, headers });
  }

  /**
   * Gives a ready answer the headers it does not have itself. The answer is
   * copied: a handler may keep and share its own.
   */
  merge(response: Response): Response {
    const prepared = this.#headers;
    this.clear();
    if (prepared === null || response.status === 101) return response;
    const headers = new Headers(response.headers);
    for (const [name, value] of prepared) {
      if (name === "set-cookie") headers.append(name, value);
      else if (name === "vary") joinVary(headers, value);
      else if (!headers.has(name)) headers.set(name, value);
    }
    return new Response(response.body, {
      status: response.status,
      statusText: response.statusText,
      headers,
    });
  }

  clear(): void {
    this.status = 0;
    this.#headers = null;
  }
}

/** An answer depends on all that either of them names. */
function joinVary(headers: Headers, more: string): void {
  const names = (text: string | null) =>
    (text ?? "").toLowerCase().split(/[\s,]+/).filter((name) => name !== "");
  const own = names(headers.get("vary"));
  if (own.includes("*")) return;
  for (const name of names(more)) {
    if (!own.includes(name)) headers.append("vary", name);
  }
}
