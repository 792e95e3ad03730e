import { freePort } from "./ports.ts";
import { type ServerCommand, ServerProcess } from "./server_process.ts";

/**
 * A server on a free port of 127.0.0.1 with a folder of its own, and what can
 * happen to it. One file beside this one makes one kind.
 */
export class Service implements AsyncDisposable {
  readonly host = "127.0.0.1";
  readonly port: number;
  readonly folder: string;
  readonly #command: ServerCommand;
  #process: ServerProcess | undefined;
  #isDisposed = false;

  private constructor(
    port: number,
    folder: string,
    command: ServerCommand,
    process: ServerProcess,
  ) {
    this.port = port;
    this.folder = folder;
    this.#command = command;
    this.#process = process;
  }

  /** Starts a server; another port is tried where one was taken meanwhile. */
  static async start(
    make: (port: number, folder: string) => ServerCommand,
    seconds?: number,
  ): Promise<Service> {
    const folder = await Deno.makeTempDir({ prefix: "oresty_service_" });
    let last: unknown;
    for (let attempt = 0; attempt < 3; attempt++) {
      const port = freePort();
      const command = make(port, folder);
      try {
        const process = await ServerProcess.start(command, seconds);
        return new Service(port, folder, command, process);
      } catch (error) {
        last = error;
      }
    }
    await Deno.remove(folder, { recursive: true });
    throw last;
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  /** Stops it where it is: its connections stay, and nothing is answered. */
  pause(): void {
    this.#process?.pause();
  }

  /** Lets it go on. */
  resume(): void {
    this.#process?.resume();
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    await this.#process?.kill();
    this.#process = undefined;
  }

  /** Starts it again on the same port, after it was killed. */
  async restart(): Promise<void> {
    await this.kill();
    this.#process = await ServerProcess.start(this.#command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    await this.kill();
    await Deno.remove(this.folder, { recursive: true });
  }
}
