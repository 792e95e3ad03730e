/** What a proxy does with bytes. */
type Mood = "pass" | "hang" | "cut";

/**
 * Stands between a client and a server, and fails as networks do: it cuts all
 * connections and refuses new ones, or lets nothing through any more.
 */
export class TcpProxy implements AsyncDisposable {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #target: { readonly hostname: string; readonly port: number };
  readonly #connections = new Set<Deno.Conn>();
  readonly #done: Promise<void>;
  readonly #pumps = new Set<Promise<void>>();
  readonly #stranded = new WeakSet<Deno.Conn>();
  #mood: Mood = "pass";
  #passing: PromiseWithResolvers<void> = Promise.withResolvers();

  /** @param port Of the server behind, on 127.0.0.1. */
  constructor(port: number) {
    this.#target = { hostname: "127.0.0.1", port };
    this.#listener = Deno.listen({ hostname: this.host, port: 0 });
    this.port = this.#listener.addr.port;
    this.#passing.resolve();
    this.#done = this.#accept();
  }

  /** How many connections there are now, both halves of one counted once. */
  get connections(): number {
    return this.#connections.size / 2;
  }

  /** Ends all connections, and every new one at once. */
  cut(): void {
    this.#mood = "cut";
    this.#passing.resolve();
    this.#closeAll();
  }

  /** Keeps all connections and takes new ones, but lets no byte through. */
  hang(): void {
    if (this.#mood === "hang") return;
    this.#mood = "hang";
    this.#passing = Promise.withResolvers();
  }

  /**
   * Loses the connections that are there without telling either end, as a router
   * that was started again; new ones pass.
   */
  strand(): void {
    for (const connection of this.#connections) this.#stranded.add(connection);
  }

  /** Lets through what waits, and all that comes. */
  resume(): void {
    this.#mood = "pass";
    this.#passing.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#done;
    await Promise.all(this.#pumps);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      if (this.#mood === "cut") {
        client.close();
        continue;
      }
      const joined = this.#join(client);
      this.#pumps.add(joined);
      joined.finally(() => this.#pumps.delete(joined));
    }
  }

  async #join(client: Deno.Conn): Promise<void> {
    let server: Deno.Conn;
    try {
      server = await Deno.connect(this.#target);
    } catch {
      client.close();
      return;
    }
    this.#connections.add(client).add(server);
    if (this.#mood === "cut") this.#closeAll();
    await Promise.all([
      this.#pump(client, server),
      this.#pump(server, client),
    ]);
  }

  async #pump(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const count = await from.read(buffer);
        await this.#passing.promise;
        if (count === null) break;
        if (this.#stranded.has(from)) continue;
        let sent = 0;
        while (sent < count) {
          sent += await to.write(buffer.subarray(sent, count));
        }
      }
    } catch {
      // Either end is gone, and the other one is closed below.
    }
    this.#close(from);
    this.#close(to);
  }

  #closeAll(): void {
    for (const connection of [...this.#connections]) this.#close(connection);
  }

  #close(connection: Deno.Conn): void {
    if (!this.#connections.delete(connection)) return;
    try {
      connection.close();
    } catch {
      // It is closed already.
    }
  }
}
