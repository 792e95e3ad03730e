/** A server of a benchmark as a child process on one core. */
export interface Server extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
}

/**
 * Starts a server that prints its port as its first line.
 *
 * @param core The core it may use.
 */
export async function startServer(
  name: string,
  args: readonly string[],
  core = 0,
): Promise<Server> {
  const child = new Deno.Command("taskset", {
    args: ["-c", String(core), Deno.execPath(), "run", "-A", ...args],
    cwd: new URL("../", import.meta.url),
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const port = await firstNumber(child.stdout);
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

async function firstNumber(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<number> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`Cannot find a port: the server ended: ${text}`);
    text += value;
    const port = /(?:^|\n|:)(\d{4,5})\b(?=\D)/.exec(text);
    if (port === null) continue;
    void drain(reader);
    return Number(port[1]);
  }
}

async function drain(
  reader: ReadableStreamDefaultReader<string>,
): Promise<void> {
  while (!(await reader.read()).done);
}

/**
 * Requests per second that one client on the other core gets answered.
 *
 * @param seconds How long it asks.
 * @throws {Error} When an answer is none of 200 to 399, or a connection fails.
 */
export async function load(url: string, seconds: number): Promise<number> {
  const { stdout } = await new Deno.Command("taskset", {
    args: ["-c", "1", "wrk", "-t1", "-c32", `-d${seconds}s`, url],
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(text);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)![1]);
}
