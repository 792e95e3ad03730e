/** How a child process is started. */
export interface ChildOptions {
  /** Working folder. */
  cwd: string;
  /** Added to this process's environment. */
  env?: Record<string, string>;
  /**
   * Seconds after which the child is killed.
   *
   * @default 120
   */
  timeout?: number;
}

/** What a child process left behind. */
export interface ChildResult {
  code: number;
  signal: Deno.Signal | null;
  stdout: string;
  stderr: string;
}

/** More output than this is a fault of the child, not something to keep. */
const OUTPUT_LIMIT = 1024 * 1024;

/**
 * Runs this very Deno with other arguments and without input, to its end.
 *
 * @throws {DOMException} named "TimeoutError" when the time is over; the child
 * is killed then, and the message holds what it had printed.
 */
export async function runDeno(
  args: string[],
  options: ChildOptions,
): Promise<ChildResult> {
  const { timeout = 120 } = options;
  const child = startDeno(args, options);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill(child);
  }, timeout * 1000);
  try {
    const [status, stdout, stderr] = await Promise.all([
      child.status,
      readText(child.stdout),
      readText(child.stderr),
    ]);
    if (late) {
      throw new DOMException(
        `Cannot run "deno ${
          args.join(" ")
        }": not done after ${timeout} s\n${stdout}${stderr}`,
        "TimeoutError",
      );
    }
    return { code: status.code, signal: status.signal, stdout, stderr };
  } finally {
    clearTimeout(timer);
  }
}

/** Starts this very Deno with other arguments; the caller ends it. */
export function startDeno(
  args: string[],
  options: Pick<ChildOptions, "cwd" | "env">,
): Deno.ChildProcess {
  const { cwd, env = {} } = options;
  return new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Kills a child that may have ended by itself in the meantime. */
export function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

/** Reads to the end, so that the child never blocks, but keeps a bounded part. */
async function readText(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    if (text.length < OUTPUT_LIMIT) text += chunk;
  }
  return text;
}
