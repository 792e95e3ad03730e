/** What a server of Redis' protocol answers. */
export type RespReply = string | number | null | RespReply[];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One connection that sends a command and reads its answer, for tests. */
export class RespConnection implements Disposable {
  readonly #connection: Deno.Conn;
  #buffer: Uint8Array = new Uint8Array();
  #isClosed = false;

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  static async open(hostname: string, port: number): Promise<RespConnection> {
    return new RespConnection(await Deno.connect({ hostname, port }));
  }

  /** Sends a command and reads one answer; an error is thrown. */
  async send(command: readonly string[]): Promise<RespReply> {
    let text = `*${command.length}\r\n`;
    for (const word of command) {
      text += `$${encoder.encode(word).length}\r\n${word}\r\n`;
    }
    const bytes = encoder.encode(text);
    let sent = 0;
    while (sent < bytes.length) {
      sent += await this.#connection.write(bytes.subarray(sent));
    }
    return await this.receive();
  }

  /** Reads one answer. */
  async receive(): Promise<RespReply> {
    const line = await this.#line();
    const rest = line.slice(1);
    switch (line[0]) {
      case "+":
        return rest;
      case "-":
        throw new Error(rest);
      case ":":
        return Number(rest);
      case "$": {
        const size = Number(rest);
        if (size < 0) return null;
        const text = decoder.decode((await this.#take(size + 2)).slice(0, -2));
        return text;
      }
      case "*": {
        const items: RespReply[] = [];
        for (let i = 0; i < Number(rest); i++) {
          items.push(await this.receive());
        }
        return items;
      }
      default:
        throw new Error(`Cannot read an answer: "${line}" is none`);
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf(10);
      if (end >= 0) {
        return decoder.decode((await this.#take(end + 1)).slice(0, -2));
      }
      await this.#more();
    }
  }

  async #take(count: number): Promise<Uint8Array> {
    while (this.#buffer.length < count) await this.#more();
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    const chunk = new Uint8Array(64 * 1024);
    const count = await this.#connection.read(chunk);
    if (count === null) throw new Error("Cannot read: the connection ended");
    const joined = new Uint8Array(this.#buffer.length + count);
    joined.set(this.#buffer);
    joined.set(chunk.subarray(0, count), this.#buffer.length);
    this.#buffer = joined;
  }
}
