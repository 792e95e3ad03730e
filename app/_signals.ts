const SIGNALS: readonly Deno.Signal[] = ["SIGTERM", "SIGINT"];

/**
 * One Ctrl-C comes twice where a task runs the program: from the terminal, and
 * from the task that hands it on. In milliseconds.
 */
const SAME_SIGNAL = 100;

/**
 * Calls a function at the first TERM or INT; a second one ends the process at
 * once.
 *
 * @returns Stops listening.
 */
export function onSignals(end: (signal: Deno.Signal) => void): () => void {
  let began: number | undefined;
  const listeners = SIGNALS.map((signal) => {
    const listener = () => {
      if (began === undefined) {
        began = performance.now();
        end(signal);
      } else if (performance.now() - began > SAME_SIGNAL) Deno.exit(0);
    };
    Deno.addSignalListener(signal, listener);
    return [signal, listener] as const;
  });
  return () => {
    for (const [signal, listener] of listeners) {
      Deno.removeSignalListener(signal, listener);
    }
  };
}
