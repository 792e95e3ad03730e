/**
 * Tells that the client left before it had its answer, and nothing else.
 *
 * Without "no-legacy-abort" in deno.json the runtime's own signal aborts after
 * every answer too, so an abort counts only while the answer is not out: the
 * handler still runs, or the body it gave is a stream that has not ended.
 */
export class ClientSignal {
  readonly #controller = new AbortController();
  #sent = false;

  constructor(request: Request) {
    const { signal } = request;
    // The client may have left before anybody asked.
    if (signal.aborted) this.#leave();
    else signal.addEventListener("abort", () => this.#leave(), { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  #leave(): void {
    if (this.#sent || this.signal.aborted) return;
    this.#controller.abort(
      new DOMException("The client left", "AbortError"),
    );
  }

  /** The same answer, watched: its end is the end of this signal's life. */
  watch(response: Response): Response {
    if (response.body === null || response.headers.has("content-length")) {
      this.#sent = true;
      return response;
    }
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        this.#sent = true;
        controller.close();
      },
      cancel: (reason) => {
        this.#leave();
        this.#sent = true;
        return reader.cancel(reason);
      },
    }, { highWaterMark: 0 });
    return new Response(body, response);
  }
}
