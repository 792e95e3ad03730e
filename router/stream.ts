/** Writes the pieces of a streamed answer. */
export class StreamWriter {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  /** Aborts when the client left. */
  readonly signal: AbortSignal;

  /** Made by the context. */
  constructor(
    writer: WritableStreamDefaultWriter<Uint8Array>,
    signal: AbortSignal,
  ) {
    this.#writer = writer;
    this.signal = signal;
  }

  /**
   * Sends a piece; resolves when there is room for the next one.
   *
   * @param chunk Bytes, or a text sent as UTF-8.
   * @throws {DOMException} AbortError when the client left.
   */
  async write(chunk: string | Uint8Array): Promise<void> {
    this.signal.throwIfAborted();
    const bytes = typeof chunk === "string"
      ? new TextEncoder().encode(chunk)
      : chunk;
    // The runtime sends a chunk of no bytes as the end of a chunked body.
    if (bytes.byteLength > 0) await this.#writer.write(bytes);
  }
}

/**
 * Runs a function that writes a body.
 *
 * @param run Writes; the body ends when it is done.
 * @param failed Told of an error of `run`, which cuts the body off.
 */
export function writtenBody(
  run: (writer: StreamWriter) => Promise<void> | void,
  failed: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const left = new AbortController();
  let sink: ReadableStreamDefaultController<Uint8Array>;
  let resume: (() => void) | null = null;
  let closed = false;
  const wake = () => {
    resume?.();
    resume = null;
  };
  const writable = new WritableStream<Uint8Array>({
    write(chunk) {
      if (closed) return;
      sink.enqueue(chunk);
      if (sink.desiredSize! > 0) return;
      return new Promise<void>((resolve) => resume = resolve);
    },
  });
  return new ReadableStream<Uint8Array>({
    start(controller) {
      sink = controller;
      const writer = new StreamWriter(writable.getWriter(), left.signal);
      // In its own turn: the answer's head is out before the first piece.
      queueMicrotask(async () => {
        try {
          await run(writer);
          if (!closed) controller.close();
        } catch (error) {
          if (closed && left.signal.aborted) return;
          failed(error);
          controller.error(error);
        } finally {
          closed = true;
        }
      });
    },
    pull: wake,
    cancel() {
      closed = true;
      left.abort(new DOMException("The client left", "AbortError"));
      wake();
    },
  });
}
