/**
 * Runs Deno as a child on the same terminal and ends with it: TERM and INT go
 * on to the child, which is killed when it has not ended after a while.
 *
 * @param args What follows `deno`.
 * @returns The child's exit code.
 */
export async function runDeno(
  args: string[],
  options: { cwd: string; env: Record<string, string>; grace: number },
): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: options.cwd,
    env: options.env,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = (signal: Deno.Signal) => () => {
    try {
      child.kill(signal);
      timer ??= setTimeout(() => child.kill("SIGKILL"), options.grace * 1000);
    } catch {
      // It has ended already.
    }
  };
  const signals = (["SIGTERM", "SIGINT"] as const).map((signal) => {
    const listener = end(signal);
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  try {
    const { code } = await child.status;
    return timer === undefined ? code : 0;
  } finally {
    clearTimeout(timer);
    for (const release of signals) release();
  }
}
