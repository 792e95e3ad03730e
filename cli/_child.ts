/** How a child runs and ends. */
export interface ChildOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What it is sent to end. */
  readonly signals: readonly Deno.Signal[];
  /** Seconds between that and the kill. */
  readonly grace: number;
  /**
   * Whether the terminal's signals are kept from it, in a session of its own;
   * then it also ends when whoever started this command has been killed.
   */
  readonly apart: boolean;
}

/** Milliseconds in which signals are one: `deno task` sends Ctrl-C on once more. */
const ONE_SIGNAL = 500;

/**
 * Runs Deno as a child on the same terminal and ends with it: TERM and INT end
 * the child, which is killed when that takes too long.
 *
 * @param args What follows `deno`.
 * @returns The child's exit code; 0 when it was ended by the signals in time.
 */
export async function runDeno(
  args: string[],
  options: ChildOptions,
): Promise<number> {
  const { signals, grace, apart } = options;
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: options.cwd,
    env: options.env,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
    detached: apart,
  }).spawn();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let late = false;
  let sentAt = -Infinity;
  const send = (...signals: Deno.Signal[]) => {
    try {
      for (const signal of signals) child.kill(signal);
    } catch {
      // It has ended already.
    }
  };
  const end = () => {
    const now = performance.now();
    if (now - sentAt < ONE_SIGNAL) return;
    sentAt = now;
    send(...signals);
    timer ??= setTimeout(() => {
      late = true;
      send("SIGKILL");
    }, grace * 1000);
  };
  const listeners: [Deno.Signal, () => void][] = [["SIGTERM", end]];
  // A terminal sends Ctrl-C to the child as well, unless that is kept apart. A
  // service takes a second one for "at once" and answers no running request.
  if (apart || !Deno.stdin.isTerminal()) listeners.push(["SIGINT", end]);
  else listeners.push(["SIGINT", () => {}]);
  // Without its terminal a child has nobody to write to: it would never end.
  if (apart) listeners.push(["SIGHUP", () => send("SIGKILL")]);
  for (const [signal, fn] of listeners) Deno.addSignalListener(signal, fn);
  const parent = Deno.ppid;
  const guard = setInterval(() => {
    if (apart && Deno.ppid !== parent) send("SIGKILL");
  }, 500);
  try {
    const { code, signal } = await child.status;
    return signal !== null && timer !== undefined && !late ? 0 : code;
  } finally {
    clearTimeout(timer);
    clearInterval(guard);
    for (const [signal, fn] of listeners) Deno.removeSignalListener(signal, fn);
  }
}
