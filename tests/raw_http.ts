/** HTTP/1.1 by hand, for what no client would send. All waits are bounded. */

/** What a server answered. */
export interface RawResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** The body, without the framing of chunks. */
  readonly bytes: Uint8Array;
  /** The body as UTF-8. */
  readonly text: string;
}

/** Milliseconds after which a wait is given up. */
const TIMEOUT = 5000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A connection that is written to and read from piece by piece. */
export class RawConnection implements Disposable {
  readonly #connection: Deno.TcpConn;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array();
  #closed = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async open(port: number): Promise<RawConnection> {
    return new RawConnection(
      await Deno.connect({ hostname: "127.0.0.1", port }),
    );
  }

  /** Writes text as UTF-8, or bytes. */
  write(data: string | Uint8Array, timeout: number = TIMEOUT): Promise<void> {
    return this.#within(timeout, "not written", async () => {
      const bytes = typeof data === "string" ? encoder.encode(data) : data;
      for (let at = 0; at < bytes.length;) {
        at += await this.#connection.write(bytes.subarray(at));
      }
    });
  }

  /** Says that nothing more will be written, and still reads. */
  closeWrite(): Promise<void> {
    return this.#connection.closeWrite();
  }

  /**
   * Reads one answer, leaving what follows it; 1xx are answers too.
   *
   * @param method Of the request: HEAD has no body.
   * @param timeout Milliseconds.
   */
  response(method = "GET", timeout: number = TIMEOUT): Promise<RawResponse> {
    return this.#within(timeout, "no answer", () => this.#response(method));
  }

  /** Whether the other side closes in time, whatever it says before. */
  async closes(timeout: number = TIMEOUT): Promise<boolean> {
    try {
      await this.#within(timeout, "not closed", async () => {
        while (await this.#more());
      });
      return true;
    } catch (error) {
      return error instanceof Deno.errors.ConnectionReset;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Closing is what ends a read or a write that waits. */
  async #within<T>(
    timeout: number,
    problem: string,
    action: () => Promise<T>,
  ): Promise<T> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.close();
    }, timeout);
    try {
      return await action();
    } catch (error) {
      throw late ? new Error(`${problem} within ${timeout} ms`) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #response(method: string): Promise<RawResponse> {
    const head = decoder.decode(await this.#until("\r\n\r\n"));
    const [line = "", ...fields] = head.trimEnd().split("\r\n");
    const match = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(line);
    if (match === null) throw new Error(`"${line}" is no status line`);
    const status = Number(match[1]);
    const headers = new Headers();
    for (const field of fields) {
      const colon = field.indexOf(":");
      headers.append(field.slice(0, colon), field.slice(colon + 1).trim());
    }
    const empty = method === "HEAD" || status < 200 || status === 204 ||
      status === 304;
    const bytes = empty ? new Uint8Array() : await this.#body(headers);
    const text = decoder.decode(bytes);
    return { status, statusText: match[2]!, headers, bytes, text };
  }

  async #body(headers: Headers): Promise<Uint8Array> {
    if (headers.get("transfer-encoding") === "chunked") {
      const chunks: Uint8Array<ArrayBuffer>[] = [];
      while (true) {
        const line = decoder.decode(await this.#until("\r\n"));
        const size = parseInt(line, 16);
        if (!(size >= 0)) throw new Error(`"${line}" is no size of a chunk`);
        if (size === 0) break;
        chunks.push(await this.#take(size));
        await this.#until("\r\n");
      }
      // Trailers, to the empty line.
      while ((await this.#until("\r\n")).length > 2);
      return new Uint8Array(await new Blob(chunks).arrayBuffer());
    }
    const length = headers.get("content-length");
    if (length !== null) return await this.#take(Number(length));
    while (await this.#more());
    return await this.#take(this.#buffer.length);
  }

  async #until(mark: string): Promise<Uint8Array> {
    const bytes = encoder.encode(mark);
    while (true) {
      for (let i = 0; i + bytes.length <= this.#buffer.length; i++) {
        if (bytes.every((byte, j) => this.#buffer[i + j] === byte)) {
          return this.#take(i + bytes.length);
        }
      }
      if (!await this.#more()) throw new Error("the connection was closed");
    }
  }

  async #take(size: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#buffer.length < size) {
      if (!await this.#more()) throw new Error("the connection was closed");
    }
    const taken = this.#buffer.slice(0, size);
    this.#buffer = this.#buffer.slice(size);
    return taken;
  }

  async #more(): Promise<boolean> {
    const chunk = new Uint8Array(64 * 1024);
    const size = await this.#connection.read(chunk);
    if (size === null) return false;
    const joined = new Uint8Array(this.#buffer.length + size);
    joined.set(this.#buffer);
    joined.set(chunk.subarray(0, size), this.#buffer.length);
    this.#buffer = joined;
    return true;
  }
}

/** Sends a whole request and reads its answer; milliseconds for each of both. */
export async function rawRequest(
  port: number,
  text: string | Uint8Array,
  timeout: number = TIMEOUT,
): Promise<RawResponse> {
  using connection = await RawConnection.open(port);
  await connection.write(text, timeout);
  const start = typeof text === "string" ? text : decoder.decode(text);
  return await connection.response(
    start.slice(0, start.indexOf(" ")),
    timeout,
  );
}
