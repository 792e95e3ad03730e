/** HTTP/1.1 by hand, for what no client would send. All waits are bounded. */

/** What a server answered. */
export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

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
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    for (let at = 0; at < bytes.length;) {
      at += await this.#connection.write(bytes.subarray(at));
    }
  }

  /**
   * Reads one answer, leaving what follows it.
   *
   * @param method Of the request: HEAD has no body.
   * @param timeout Milliseconds.
   */
  async response(method = "GET", timeout = 5000): Promise<RawResponse> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.close();
    }, timeout);
    try {
      return await this.#response(method);
    } catch (error) {
      throw late ? new Error(`no answer within ${timeout} ms`) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether the other side closes within so many milliseconds. */
  async closes(timeout = 2000): Promise<boolean> {
    const timer = setTimeout(() => this.close(), timeout);
    try {
      return await this.#connection.read(new Uint8Array(1024)) === null;
    } catch (error) {
      return error instanceof Deno.errors.ConnectionReset;
    } finally {
      clearTimeout(timer);
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

  async #response(method: string): Promise<RawResponse> {
    const head = decoder.decode(await this.#until("\r\n\r\n"));
    const [line, ...fields] = head.trimEnd().split("\r\n");
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line!)?.[1]);
    const headers = new Headers();
    for (const field of fields) {
      const colon = field.indexOf(":");
      headers.append(field.slice(0, colon), field.slice(colon + 1).trim());
    }
    const text = method === "HEAD" || status === 204 || status === 304
      ? ""
      : decoder.decode(await this.#body(headers));
    return { status, headers, text };
  }

  async #body(headers: Headers): Promise<Uint8Array> {
    if (headers.get("transfer-encoding") === "chunked") {
      const chunks: number[] = [];
      while (true) {
        const size = parseInt(decoder.decode(await this.#until("\r\n")), 16);
        chunks.push(...await this.#take(size));
        await this.#until("\r\n");
        if (size === 0) return new Uint8Array(chunks);
      }
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

  async #take(size: number): Promise<Uint8Array> {
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

/** Sends a whole request and reads its answer. */
export async function rawRequest(
  port: number,
  text: string | Uint8Array,
): Promise<RawResponse> {
  using connection = await RawConnection.open(port);
  await connection.write(text);
  const start = typeof text === "string" ? text : decoder.decode(text);
  return await connection.response(start.slice(0, start.indexOf(" ")));
}
