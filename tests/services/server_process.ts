import { until } from "./ports.ts";

/** How a server is started. */
export interface ServerCommand {
  /** What it is called in errors. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Resolves once the process of this id answers, and no other one. */
  ready(pid: number): Promise<void>;
}

/** Enough for an error with its stack. */
const OUTPUT_LIMIT = 64 * 1024;

/** A child process that is a server, ended by its id. */
export class ServerProcess {
  readonly #command: ServerCommand;
  readonly #child: Deno.ChildProcess;
  readonly #ended: Promise<Deno.CommandStatus>;
  #output = "";
  #isEnded = false;

  private constructor(command: ServerCommand) {
    this.#command = command;
    this.#child = new Deno.Command(command.program, {
      args: [...command.args],
      cwd: command.cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#ended = Promise.all([
      this.#child.status,
      this.#read(this.#child.stdout),
      this.#read(this.#child.stderr),
    ]).then(([status]) => status);
    this.#ended.then(() => this.#isEnded = true);
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @throws {Error} With what it printed, when it does not.
   */
  static async start(
    command: ServerCommand,
    seconds = 20,
  ): Promise<ServerProcess> {
    const server = new ServerProcess(command);
    try {
      await until(command.name, seconds, async () => {
        if (server.#isEnded) return "ended";
        await command.ready(server.#child.pid);
        return "ready";
      });
      if (server.#isEnded) throw new Error("it ended");
      return server;
    } catch (error) {
      await server.kill();
      throw new Error(
        `Cannot start ${command.name}: no answer\n${server.#output}`,
        { cause: error },
      );
    }
  }

  /** Whether it has ended. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Stops it where it is: its connections stay, and nothing is answered. */
  pause(): void {
    this.#signal("SIGSTOP");
    // A thread on another core may answer yet: all of them must have stopped.
    const end = performance.now() + 1000;
    while (!isStopped(this.#child.pid) && performance.now() < end);
  }

  /** Lets it go on. */
  resume(): void {
    this.#signal("SIGCONT");
  }

  /** Ends it at once, as a fault. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.#ended;
  }

  #signal(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It has ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      if (this.#output.length < OUTPUT_LIMIT) this.#output += text;
    }
  }
}

/** Whether no thread of a process runs, where the system tells. */
function isStopped(pid: number): boolean {
  try {
    for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
      const stat = Deno.readTextFileSync(`/proc/${pid}/task/${name}/stat`);
      // Its name, in brackets, may be anything; the state comes after it.
      if (stat[stat.lastIndexOf(")") + 2] !== "T") return false;
    }
    return true;
  } catch {
    return true;
  }
}
