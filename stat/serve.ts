import { checkOptions, spawn, type SpawnedWorker } from "@oresty/core";
import { heldMemories, type Leader, leader } from "@oresty/shm";
import { type AdminData, type AdminMessage, END } from "./_admin_messages.ts";
import { quote } from "./_definition.ts";
import { isolateRegistry } from "./_isolate.ts";
import { atStop } from "./_lifecycle.ts";
import { releaseWhenQuiet } from "./_quiet.ts";
import { checkAccess } from "./status/_guard.ts";

/** Where metrics are served. */
export interface ServeOptions {
  /**
   * The port; 0 takes a free one, for a process of one isolate.
   *
   * @default {9464}
   */
  port?: number;
  /**
   * The address; others than loopback need a `token`.
   *
   * @default {"127.0.0.1"}
   */
  hostname?: string;
  /**
   * What clients have to know, 16 visible ASCII characters at least: in the
   * header `Authorization: Bearer`, or once in the page's form, or in the
   * address `/status?token=`. Not needed on loopback, where without it only the
   * names localhost, 127.0.0.1 and [::1] are answered.
   */
  token?: string;
}

/** A listener for metrics, of which each process has one an address. */
export interface StatListener extends AsyncDisposable {
  /**
   * Where it is, `http://127.0.0.1:9464`; undefined where another isolate or
   * another process has the port.
   */
  readonly url: string | undefined;
  /** Ends it; another isolate that serves takes over. */
  close(): Promise<void>;
}

/** Seconds until another isolate takes over from one that died. */
const LEASE = 3;
/** Until a worker that died is started again, in milliseconds. */
const RESTART = 500;
/** Until a worker is tried again that did not start, in milliseconds. */
const TRY_AGAIN = 5000;
/** How long a worker may answer what it has begun to, in milliseconds. */
const END_WITHIN = 500;

const listeners: Map<string, Promise<AdminListener>> = new Map();

/**
 * Serves the metrics of all isolates at `/metrics`, and a page for people at
 * `/status`, from a worker of its own: it answers while others are busy. Call it in every isolate: one of them does
 * it, and another takes over when that is gone. It keeps no process alive. A
 * port that is taken is one warning, and is tried again.
 *
 * Needs the permission net for the address; also read, where the package is
 * files.
 *
 * @returns Once it listens, or it is known that it does not.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 * Also on an address that other hosts reach, without a token, and on one that
 * is served already, with another token.
 * @throws {RangeError} On a port that is none, or a token that is too short.
 * @throws {Deno.errors.NotCapable} When the permission is missing.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * await using listener = await stat.serve({ port: 0 });
 * stat.create().incr("requests");
 * const response = await fetch(`${listener.url}/metrics`);
 * assertEquals((await response.text()).includes("\nrequests 1\n"), true);
 * await stat.stop();
 * ```
 */
export async function serve(options: ServeOptions = {}): Promise<StatListener> {
  checkOptions("serve", options, ["port", "hostname", "token"]);
  const { port = 9464, hostname: given = "127.0.0.1", token } = options;
  // As it stands in a URL.
  const hostname = typeof given === "string"
    ? given.replace(/^\[(.*:.*)\]$/, "$1")
    : given;
  if (!(Number.isInteger(port) && port >= 0 && port < 65536)) {
    throw new RangeError(
      `Cannot serve metrics on port ${quote(port)}: expected 0 to 65535`,
    );
  }
  if (typeof hostname !== "string" || hostname === "") {
    throw new TypeError(
      `Cannot serve metrics on host ${quote(hostname)}: expected an address`,
    );
  }
  checkAccess({ hostname, token });
  const place = placeOf(hostname, port);
  const permission = { name: "net", host: place } as const;
  if ((await Deno.permissions.query(permission)).state !== "granted") {
    throw new Deno.errors.NotCapable(
      `Cannot serve metrics on ${place}: the permission "net" is missing, ` +
        `expected --allow-net=${place}`,
    );
  }
  let listener = listeners.get(place);
  if (listener === undefined) {
    listener = AdminListener.start(hostname, port, token, place);
    listeners.set(place, listener);
    listener.catch(() => listeners.delete(place));
  }
  const serving = await listener;
  if (serving.token !== token) {
    throw new TypeError(
      `Cannot serve metrics on ${place}: it is served with another token, ` +
        `expected the same one`,
    );
  }
  return serving;
}

class AdminListener implements StatListener {
  readonly #hostname: string;
  readonly #port: number;
  readonly token: string | undefined;
  readonly #place: string;
  #lead: Leader | undefined;
  #worker: Promise<SpawnedWorker> | undefined;
  #forget: () => void = () => {};
  #isClosed = false;
  #hasWarned = false;
  #left: () => void = () => {};
  #isolate = -1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  url: string | undefined;

  private constructor(
    hostname: string,
    port: number,
    token: string | undefined,
    place: string,
  ) {
    this.#hostname = hostname;
    this.#port = port;
    this.token = token;
    this.#place = place;
  }

  static async start(
    hostname: string,
    port: number,
    token: string | undefined,
    place: string,
  ): Promise<AdminListener> {
    const self = new AdminListener(hostname, port, token, place);
    self.#forget = atStop(() => self.close());
    try {
      await isolateRegistry().join();
      const lead = await leader(`oresty:stat:serve ${place}`, { ttl: LEASE });
      self.#lead = lead;
      lead.onChange((isLeader) => {
        // Who was only blocked keeps its worker, and with it the port.
        if (isLeader) self.#workAfter(0);
      });
      if (lead.isLeader) await self.#work();
    } catch (error) {
      await self.close();
      throw error;
    }
    return self;
  }

  /** Metrics that cannot be served are no reason for a program to end. */
  #workAfter(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      if (!this.#lead?.isLeader) return;
      this.#work().catch((error) => {
        // deno-lint-ignore no-console -- there is no logger this far down
        console.warn(`oresty: ${error}; it is tried again`);
        this.#workAfter(TRY_AGAIN);
      });
    }, milliseconds);
    Deno.unrefTimer(this.#timer);
  }

  async #work(): Promise<void> {
    if (this.#isClosed || this.#worker !== undefined) return;
    const data: AdminData = {
      hostname: this.#hostname,
      port: this.#port,
      token: this.token,
      window: isolateRegistry().windowSeconds,
      memories: heldMemories().filter(({ name }) =>
        name.startsWith("oresty:stat:")
      ),
    };
    this.#worker = spawn(import.meta.resolve("./_admin_worker.ts"), {
      data,
      name: "oresty stat",
    });
    const worker = await this.#worker;
    const told = new Promise<void>((resolve) => {
      worker.listen((message) => {
        if (this.#hear(message as AdminMessage)) resolve();
      });
    });
    // The process is not kept by it, but it is awaited here first.
    const { error } = await Promise.race([
      told.then(() => ({ error: undefined })),
      worker.ended.then(({ error }) => ({
        error: error ?? new Error("it ended at its start"),
      })),
    ]);
    worker.unref();
    if (error === undefined || this.#isClosed) {
      worker.ended.then(() => this.#ended());
      return;
    }
    this.#worker = undefined;
    throw new Error(`Cannot serve metrics on ${this.#place}: ${error}`, {
      cause: error,
    });
  }

  /** @returns Whether it is known now if it listens. */
  #hear(message: AdminMessage): boolean {
    if (message.kind === "isolate") {
      this.#isolate = message.number;
      return false;
    }
    if (message.kind === "left") {
      this.#left();
      return false;
    }
    if (message.kind === "listening") {
      this.url = `http://${placeOf(this.#hostname, message.port)}`;
    } else if (!message.isOurs && !this.#hasWarned) {
      this.#hasWarned = true;
      // deno-lint-ignore no-console -- there is no logger this far down
      console.warn(
        `oresty: stat cannot serve metrics on ${this.#place}: the port is in ` +
          `use by another program; it is tried again`,
      );
    }
    return true;
  }

  #ended(): void {
    this.#worker = undefined;
    this.url = undefined;
    this.#workAfter(RESTART);
    const { group } = isolateRegistry();
    if (group === undefined) return;
    // One that was told to end was idle; what else ends it is not known.
    if (this.#isClosed) group.release(this.#isolate);
    else releaseWhenQuiet(group, this.#isolate);
  }

  /** The end of a thread is told before its port is free: it is asked first. */
  async #end(worker: SpawnedWorker): Promise<void> {
    const left = new Promise<void>((resolve) => this.#left = resolve);
    worker.post(END);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, END_WITHIN);
    });
    await Promise.race([left, worker.ended, late]);
    clearTimeout(timer);
    await worker.stop();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#forget();
    clearTimeout(this.#timer);
    listeners.delete(this.#place);
    const worker = await this.#worker?.catch(() => undefined);
    if (worker !== undefined) await this.#end(worker);
    this.#lead?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function placeOf(hostname: string, port: number): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
