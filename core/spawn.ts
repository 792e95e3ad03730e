import { checkOptions } from "./options.ts";
import { parseSize, type Size } from "./size.ts";

/** How a worker is started. */
export interface SpawnOptions {
  /** What it gets at its start, by structured clone. */
  data?: unknown;
  /** Names it in errors of the runtime. */
  name?: string;
  /**
   * The most memory of its own that lives long, beyond which it is ended. The
   * runtime misses some of it, as in code that runs when a message comes: it
   * is no guard against code that means harm.
   *
   * @default {the runtime's limit}
   */
  memory?: Size;
}

/** What both ends of a worker have. */
export interface WorkerPort {
  /** Sends a message; shared memory stays shared. */
  post(message: unknown): void;
  /** Hands messages to a function from now on, in place of the last. */
  listen(listener: (message: unknown) => void): void;
}

/** A worker, as who started it sees it. */
export interface SpawnedWorker extends WorkerPort, AsyncDisposable {
  /** How it ended: 0 by itself. It is never rejected. */
  readonly ended: Promise<WorkerEnd>;
  /** Ends it. */
  stop(): Promise<WorkerEnd>;
  /** Lets the process end although it runs; call it after `listen`. */
  unref(): void;
}

/** How a worker ended. */
export interface WorkerEnd {
  /** 0 when it was done. */
  readonly code: number;
  /** What it threw. */
  readonly error?: unknown;
}

/** The other end, as a worker sees it. */
export interface WorkerParent extends WorkerPort {
  /** The option `data`. */
  readonly data: unknown;
}

interface NodePort {
  on(event: string, listener: (value: unknown) => void): void;
  postMessage(message: unknown): void;
  ref(): void;
}

interface NodeWorker extends NodePort {
  unref(): void;
  terminate(): Promise<number>;
}

interface WorkerThreads {
  readonly Worker: new (url: URL, options: unknown) => NodeWorker;
  readonly parentPort: NodePort | null;
  readonly workerData: unknown;
}

/** Messages on their way to a listener, which may come later or change. */
class Incoming {
  readonly #early: unknown[] = [];
  #listener: ((message: unknown) => void) | undefined;

  take(message: unknown): void {
    if (this.#listener === undefined) this.#early.push(message);
    else this.#listener(message);
  }

  listen(listener: (message: unknown) => void): void {
    this.#listener = listener;
    for (const message of this.#early.splice(0)) listener(message);
  }
}

/** Where a worker finds what came before it listened. */
const EARLY = "oresty:early";

/**
 * Imports the module, wherever it is: the worker itself starts from a `data:`
 * URL, because threads refuse those of https, which packages have. Messages
 * that come before the module listens would be lost: they are kept for it.
 */
const BOOTSTRAP = `
import { parentPort, workerData } from "node:worker_threads";
const messages = [];
const early = { messages, take: (message) => messages.push(message) };
parentPort.on("message", (message) => early.take(message));
parentPort.unref();
globalThis[Symbol.for("${EARLY}")] = early;
await import(workerData.url);`;

/**
 * Starts a worker thread from a module, be it a file or of a package.
 *
 * @param url An absolute URL: `import.meta.resolve("./worker.ts")`.
 * @throws {TypeError} When the URL is none, or an option is unknown.
 *
 * @example
 * ```ts
 * import { spawn } from "@oresty/core";
 * import { assertEquals } from "@std/assert";
 *
 * const code = `import { parentPort, workerData } from "node:worker_threads";
 * parentPort.postMessage(workerData.data + 1);`;
 * await using worker = await spawn(`data:text/javascript,${code}`, { data: 6 });
 * const answer = Promise.withResolvers<unknown>();
 * worker.listen(answer.resolve);
 * assertEquals(await answer.promise, 7);
 * ```
 */
export async function spawn(
  url: string | URL,
  options: SpawnOptions = {},
): Promise<SpawnedWorker> {
  checkOptions("spawn", options, ["data", "name", "memory"]);
  const { Worker } = await workerThreads();
  const { data, name, memory } = options;
  const worker = new Worker(
    new URL(`data:text/javascript,${encodeURIComponent(BOOTSTRAP)}`),
    {
      workerData: { url: new URL(url).href, data },
      ...name === undefined ? {} : { name },
      ...memory === undefined ? {} : {
        resourceLimits: {
          maxOldGenerationSizeMb: parseSize(memory, `option "memory"`) /
            1024 ** 2,
        },
      },
    },
  );
  const ended = new Promise<WorkerEnd>((resolve) => {
    let end: { error?: unknown } = {};
    worker.on("error", (error) => {
      end = { error };
    });
    worker.on("exit", (code) => resolve({ code: Number(code), ...end }));
  });
  const incoming = new Incoming();
  worker.on("message", (message) => incoming.take(message));
  const stop = async () => {
    await worker.terminate();
    return await ended;
  };
  return {
    ended,
    stop,
    unref: () => worker.unref(),
    post: (message) => worker.postMessage(message),
    listen: (listener) => incoming.listen(listener),
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/**
 * The other end for a worker that {@linkcode spawn} started; else undefined. It
 * keeps the worker alive from `listen` on.
 *
 * @example
 * ```ts
 * import { workerParent } from "@oresty/core";
 *
 * const parent = await workerParent();
 * parent?.listen((message) => parent.post({ echo: message }));
 * ```
 */
export async function workerParent(): Promise<WorkerParent | undefined> {
  const { parentPort, workerData } = await workerThreads();
  const early = (globalThis as Record<symbol, unknown>)[Symbol.for(EARLY)] as
    | Early
    | undefined;
  if (parentPort === null || early === undefined) return undefined;
  const { data } = workerData as { data: unknown };
  return {
    data,
    post: (message) => parentPort.postMessage(message),
    listen: (listener) => {
      parentPort.ref();
      early.take = listener;
      for (const message of early.messages.splice(0)) listener(message);
    },
  };
}

interface Early {
  readonly messages: unknown[];
  take: (message: unknown) => void;
}

async function workerThreads(): Promise<WorkerThreads> {
  return await import("node:worker_threads") as unknown as WorkerThreads;
}
