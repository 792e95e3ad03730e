/**
 * Turns of the microtask queue that a read may take to count as there already.
 * The runtime takes 2 for a text, 5 for a Blob, 6 for a form.
 */
const TURNS = 16;

type Read = Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>>;

/**
 * What of a body is there without waiting. A Response does not tell a text from
 * a stream; a text is there as a whole.
 */
export class ReadAhead {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #chunks: Uint8Array<ArrayBuffer>[] = [];
  #pending: Read | null = null;
  #size = 0;
  #isWhole = false;

  private constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = body.getReader();
  }

  /**
   * Reads for as long as nothing has to be waited for.
   *
   * @param body The body; it is locked from now on.
   * @param limit Bytes after which it is enough.
   */
  static async of(
    body: ReadableStream<Uint8Array<ArrayBuffer>>,
    limit: number,
  ): Promise<ReadAhead> {
    const ahead = new ReadAhead(body);
    await ahead.#fill(limit);
    return ahead;
  }

  async #fill(limit: number): Promise<void> {
    // A text is one chunk and its end: also a large one is asked for its end.
    while (this.#size <= limit || this.#chunks.length === 1) {
      this.#pending = this.#reader.read();
      const result = await ready(this.#pending);
      if (result === null) return;
      this.#pending = null;
      if (result.done) {
        this.#isWhole = true;
        return;
      }
      this.#chunks.push(result.value);
      this.#size += result.value.byteLength;
    }
  }

  /** Bytes that are there. */
  get size(): number {
    return this.#size;
  }

  /** Whether they are all of the body. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** The bytes that are there. */
  bytes(): Uint8Array<ArrayBuffer> {
    if (this.#chunks.length === 1) return this.#chunks[0]!;
    const bytes = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    return bytes;
  }

  /** The body anew: bytes when they are all of it, else a stream. */
  body(): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#isWhole ? this.bytes() : this.stream();
  }

  /** The body anew as a stream. */
  stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      pull: async (controller) => {
        const chunk = await this.next();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: (reason) => this.cancel(reason),
    }, { highWaterMark: 0 });
  }

  /** Gives the body up. */
  cancel(reason?: unknown): Promise<void> {
    return this.#reader.cancel(reason);
  }

  /** Whether the next chunk, or the end, is there without waiting. */
  async hasNext(): Promise<boolean> {
    if (this.#chunks.length > 0 || this.#isWhole) return true;
    this.#pending ??= this.#reader.read();
    return await ready(this.#pending) !== null;
  }

  /**
   * The next chunk that has bytes, or undefined at the end.
   *
   * @param most Bytes of it; what is over comes next.
   */
  async next(
    most?: number,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (true) {
      let chunk = this.#chunks.shift();
      if (chunk === undefined) {
        if (this.#isWhole) return undefined;
        const result = await (this.#pending ?? this.#reader.read());
        this.#pending = null;
        if (result.done) {
          this.#isWhole = true;
          return undefined;
        }
        chunk = result.value;
      }
      if (most !== undefined && chunk.byteLength > most) {
        this.#chunks.unshift(chunk.subarray(most));
        chunk = chunk.subarray(0, most);
      }
      // The runtime sends a chunk of no bytes as the end of a chunked body.
      if (chunk.byteLength > 0) return chunk;
    }
  }
}

/** What was read, or null when it is not there yet or failed. */
async function ready(read: Read): Promise<Awaited<Read> | null> {
  let result: Awaited<Read> | null = null;
  let failed = false;
  read.then((value) => result = value, () => failed = true);
  for (let turn = 0; turn < TURNS && result === null && !failed; turn++) {
    await null;
  }
  return result;
}
