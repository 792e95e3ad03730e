/** What a command takes. */
export type RedisValue = string | number | Uint8Array;

/** What a server answers. */
export type RedisReply = string | number | null | Uint8Array | RedisReply[];

/** The options of `@db/redis`'s `connect` that are understood here. */
export interface RedisConnectOptions {
  hostname: string;
  port?: number | string;
  tls?: boolean;
  caCerts?: string[];
  db?: number;
  username?: string;
  password?: string;
  name?: string;
  /** Accepted; nothing is sent twice. */
  maxRetryCount?: number;
}

export interface SendCommandOptions {
  returnUint8Arrays?: boolean;
  inline?: boolean;
}

/** An answer of the server that is an error. */
export class ErrorReplyError extends Error {}

/** As much of the client of `@db/redis` as a third tier needs. */
export interface Redis {
  readonly isClosed: boolean;
  readonly isConnected: boolean;
  sendCommand(
    command: string,
    args?: RedisValue[],
    options?: SendCommandOptions,
  ): Promise<RedisReply>;
  ping(message?: string): Promise<RedisReply>;
  get(key: string): Promise<string | null>;
  set(key: string, value: RedisValue): Promise<RedisReply>;
  close(): void;
}

/** Stands in for `connect` of `@db/redis`, one command after the other. */
export async function connect(options: RedisConnectOptions): Promise<Redis> {
  const { hostname, port = 6379, username, password, db } = options;
  const address = { hostname, port: Number(port) };
  const connection = options.tls === true
    ? await Deno.connectTls({ ...address, caCerts: options.caCerts ?? [] })
    : await Deno.connect(address);
  const client = new Client(connection);
  try {
    if (password !== undefined) {
      const words = username === undefined ? [password] : [username, password];
      await client.sendCommand("AUTH", words);
    }
    if (db) await client.sendCommand("SELECT", [db]);
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class Client implements Redis {
  readonly #connection: Deno.Conn;
  #queue: Promise<unknown> = Promise.resolve();
  #buffer: Uint8Array = new Uint8Array();
  #isClosed = false;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** As that of `@db/redis`, which learns of a loss only by a command. */
  get isConnected(): boolean {
    return !this.#isClosed;
  }

  sendCommand(
    command: string,
    args: RedisValue[] = [],
    options: SendCommandOptions = {},
  ): Promise<RedisReply> {
    const sent = this.#queue.then(async () => {
      await this.#write([command, ...args]);
      return await this.#reply(options.returnUint8Arrays === true);
    });
    this.#queue = sent.catch(() => {});
    return sent;
  }

  ping(message?: string): Promise<RedisReply> {
    return this.sendCommand("PING", message === undefined ? [] : [message]);
  }

  async get(key: string): Promise<string | null> {
    return await this.sendCommand("GET", [key]) as string | null;
  }

  set(key: string, value: RedisValue): Promise<RedisReply> {
    return this.sendCommand("SET", [key, value]);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#connection.close();
  }

  async #write(words: RedisValue[]): Promise<void> {
    const parts = [encoder.encode(`*${words.length}\r\n`)];
    for (const word of words) {
      const bytes = word instanceof Uint8Array
        ? word
        : encoder.encode(String(word));
      parts.push(encoder.encode(`$${bytes.length}\r\n`));
      parts.push(new Uint8Array(bytes), encoder.encode("\r\n"));
    }
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    let sent = 0;
    while (sent < bytes.length) {
      sent += await this.#connection.write(bytes.subarray(sent));
    }
  }

  async #reply(isBytes: boolean): Promise<RedisReply> {
    const line = await this.#line();
    const text = decoder.decode(line.subarray(1));
    switch (line[0]) {
      case 43: // +
        return isBytes ? line.slice(1) : text;
      case 45: // -
        throw new ErrorReplyError(decoder.decode(line));
      case 58: // :
        return Number.parseInt(text);
      case 36: { // $
        const size = Number.parseInt(text);
        if (size < 0) return null;
        const body = (await this.#take(size + 2)).slice(0, -2);
        return isBytes ? body : decoder.decode(body);
      }
      case 42: { // *
        const size = Number.parseInt(text);
        if (size < 0) return null;
        const items: RedisReply[] = [];
        // All of it, so that the next answer is that of the next command.
        let failure: unknown;
        for (let i = 0; i < size; i++) {
          try {
            items.push(await this.#reply(isBytes));
          } catch (error) {
            if (!(error instanceof ErrorReplyError)) throw error;
            failure = error;
          }
        }
        if (failure !== undefined) throw failure;
        return items;
      }
      default:
        throw new Error(`Cannot read an answer: "${text}" is none`);
    }
  }

  async #line(): Promise<Uint8Array> {
    for (;;) {
      const end = this.#buffer.indexOf(10);
      if (end >= 0) return (await this.#take(end + 1)).slice(0, -2);
      await this.#more();
    }
  }

  async #take(count: number): Promise<Uint8Array> {
    while (this.#buffer.length < count) await this.#more(count);
    const taken = this.#buffer.subarray(0, count);
    this.#buffer = this.#buffer.subarray(count);
    return taken;
  }

  async #more(wanted = 0): Promise<void> {
    const chunk = new Uint8Array(Math.max(16 * 1024, wanted));
    const count = await this.#connection.read(chunk);
    if (count === null) throw new Deno.errors.UnexpectedEof("it ended");
    const joined = new Uint8Array(this.#buffer.length + count);
    joined.set(this.#buffer);
    joined.set(chunk.subarray(0, count), this.#buffer.length);
    this.#buffer = joined;
  }
}
