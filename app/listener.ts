import { checkOptions, type Duration, parseDuration } from "@oresty/core";
import type { FetchHandler, Logger } from "@oresty/router";
import type { ServeOptions } from "@oresty/stat";

/** A port for metrics and status, or all that `serve` of stat takes. */
export type AdminOptions = number | ServeOptions;

/** How an app listens. */
export interface ListenOptions {
  /**
   * The port; 0 takes a free one.
   *
   * @default {2233}
   */
  port?: number;
  /**
   * The address; `"0.0.0.0"` or `"::"` is reachable from other hosts.
   *
   * @default {"127.0.0.1"}
   */
  hostname?: string;
  /** Certificate chain and key, as PEM texts, for https. */
  tls?: { cert: string; key: string };
  /**
   * Whether the process is this app's: TERM and INT drain and end it, and a
   * port in use or a missing permission ends it with a sentence and code 75 or
   * 78. With false such errors are thrown.
   *
   * @default {true}
   */
  signals?: boolean;
  /**
   * How long running requests may take when the app closes, in seconds.
   *
   * @default {10}
   */
  drain?: Duration;
  /**
   * How long /readyz says 503 before the port is closed, in seconds: the time
   * that a load balancer takes to see it.
   *
   * @default {0}
   */
  readyDelay?: Duration;
  /**
   * Another port, on which `/metrics` and `/status` are; on 127.0.0.1 unless
   * `{ port, hostname }` says otherwise. A port that is taken is a warning.
   */
  admin?: AdminOptions;
}

/** What a listening app takes from its app. */
export interface ListenerHost {
  readonly fetch: FetchHandler;
  readonly log: Logger;
}

/** An app on a port. */
export class Listener {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #drain: number;
  readonly #readyDelay: number;
  readonly #log: Logger;
  #closed: Promise<void> | undefined;
  /** Where it can be reached: `http://127.0.0.1:2233`. */
  readonly url: string;

  /**
   * Made by `app.listen`.
   *
   * @throws {Deno.errors.AddrInUse} When the port is taken.
   * @throws {Deno.errors.NotCapable} When the permission is missing.
   */
  constructor(host: ListenerHost, options: ListenOptions) {
    const { port = 2233, hostname = "127.0.0.1", tls } = options;
    this.#drain = parseDuration(options.drain ?? 10, `option "drain"`);
    this.#readyDelay = parseDuration(
      options.readyDelay ?? 0,
      `option "readyDelay"`,
    );
    this.#log = host.log;
    try {
      this.#server = Deno.serve({
        port,
        hostname,
        ...tls,
        onListen: () => {},
        onError: (error) => {
          host.log.error("request failed", { error });
          return new Response(null, { status: 500 });
        },
      }, host.fetch);
    } catch (error) {
      throw explain(error, hostname, port);
    }
    this.url = urlOf(this.#server.addr, tls !== undefined);
  }

  /** The port. */
  get port(): number {
    return this.#server.addr.port;
  }

  /** The address. */
  get hostname(): string {
    return this.#server.addr.hostname;
  }

  /** Resolves when the port is closed. */
  get finished(): Promise<void> {
    return this.#server.finished;
  }

  /**
   * Takes no more connections, and waits for running requests to the drain
   * deadline; those that still run then end with the process.
   */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    if (this.#readyDelay > 0) await sleep(this.#readyDelay);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, this.#drain * 1000, true);
    });
    const done = this.#server.shutdown().then(() => false);
    if (await Promise.race([done, late])) {
      // Deno cannot close the connections of a server that is shutting down:
      // the end of the process does.
      this.#log.warn("requests cut off: the drain deadline is over", {
        drain: this.#drain,
      });
    }
    clearTimeout(timer);
  }
}

/** @throws {TypeError} On an unknown option or one of a wrong kind. */
export function checkListenOptions(options: ListenOptions): void {
  checkOptions("listen", options, [
    "port",
    "hostname",
    "tls",
    "signals",
    "drain",
    "readyDelay",
    "admin",
  ]);
  const { port, tls, admin } = options;
  if (
    admin !== undefined && typeof admin !== "number" &&
    (typeof admin !== "object" || admin === null)
  ) {
    throw new TypeError(
      `Cannot use option "admin" of listen: "${String(admin)}" was given, ` +
        `expected a port or an object with it`,
    );
  }
  if (
    typeof admin === "number" &&
    !(Number.isInteger(admin) && admin >= 0 && admin < 65536)
  ) {
    throw new RangeError(
      `Cannot serve metrics on port "${admin}": expected 0 to 65535`,
    );
  }
  if (
    port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65536)
  ) {
    throw new RangeError(
      `Cannot listen on port "${port}": expected 0 to 65535`,
    );
  }
  if (
    tls !== undefined &&
    (typeof tls?.cert !== "string" || typeof tls?.key !== "string")
  ) {
    throw new TypeError(
      `Cannot use option "tls" of listen: expected cert and key as PEM texts`,
    );
  }
}

/** The exit code of an error that keeps an app from listening, or 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Deno.errors.AddrInUse) return 75;
  return error instanceof Deno.errors.NotCapable ? 78 : 1;
}

function explain(error: unknown, hostname: string, port: number): unknown {
  const place = `${
    hostname.includes(":") ? `[${hostname}]` : hostname
  }:${port}`;
  if (error instanceof Deno.errors.AddrInUse) {
    return new Deno.errors.AddrInUse(
      `Cannot listen on ${place}: the port is in use by another program`,
      { cause: error },
    );
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new Deno.errors.NotCapable(
      `Cannot listen on ${place}: the permission "net" is missing, ` +
        `expected --allow-net=${place}`,
      { cause: error },
    );
  }
  return error;
}

function urlOf(addr: Deno.NetAddr, secure: boolean): string {
  const { hostname, port } = addr;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${secure ? "https" : "http"}://${host}:${port}`;
}

function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
