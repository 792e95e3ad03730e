import { type ChildOptions, kill, startDeno } from "./deno_child.ts";

/** Enough for the line with the address and for an error with its stack. */
const OUTPUT_LIMIT = 64 * 1024;

/**
 * Runs this very Deno with other arguments until it prints an address of
 * 127.0.0.1.
 *
 * @throws {Error} with what was printed, when the child ends or the time is over
 * before an address is there; the child has ended then.
 */
export async function startServed(
  args: string[],
  options: ChildOptions,
): Promise<Served> {
  const served = new Served(startDeno(args, options));
  try {
    await served.ready(options.timeout ?? 120);
    return served;
  } catch (error) {
    await served[Symbol.asyncDispose]();
    throw error;
  }
}

/** A child process that serves HTTP; made by {@linkcode startServed}. */
export class Served implements AsyncDisposable {
  /** Address without a slash at its end. */
  url = "";
  readonly #child: Deno.ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended: Promise<Deno.CommandStatus>;
  #output = "";

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#ended = Promise.all([
      child.status,
      this.#read(child.stdout),
      this.#read(child.stderr),
    ]).then(([status]) => status);
  }

  /** What the child printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Waits for the address, at most `timeout` seconds. */
  async ready(timeout: number): Promise<void> {
    const ended = this.#ended.then(() => "the process ended");
    const found = this.#ready.promise.then(() => undefined);
    const problem = await within(timeout, Promise.race([found, ended]));
    if (problem !== undefined) {
      throw new Error(`Cannot find an address: ${problem}\n${this.#output}`);
    }
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /**
   * Sends a signal and waits for the end.
   *
   * @param timeout Seconds until the wait is given up.
   * @throws {Error} when the process is still there then.
   */
  async stop(
    signal: Deno.Signal,
    timeout: number,
  ): Promise<Deno.CommandStatus> {
    this.kill(signal);
    const status = await within(timeout, this.#ended);
    if (typeof status === "string") {
      throw new Error(`Cannot stop by ${signal}: ${status}\n${this.#output}`);
    }
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    kill(this.#child);
    await this.#ended;
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      if (this.#output.length > OUTPUT_LIMIT) continue;
      this.#output += text;
      const [url] = /http:\/\/127\.0\.0\.1:\d+(?=\D)/.exec(this.#output) ?? [];
      if (url !== undefined && this.url === "") {
        this.url = url;
        this.#ready.resolve();
      }
    }
  }
}

async function within<T>(
  seconds: number,
  promise: Promise<T>,
): Promise<T | string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(
      () => resolve(`nothing after ${seconds} s`),
      seconds * 1000,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
