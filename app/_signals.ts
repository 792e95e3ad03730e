const SIGNALS: readonly Deno.Signal[] = ["SIGTERM", "SIGINT"];

/**
 * Calls a function at the first TERM or INT; a second one ends the process at
 * once.
 *
 * @returns Stops listening.
 */
export function onSignals(end: (signal: Deno.Signal) => void): () => void {
  let ending = false;
  const listeners = SIGNALS.map((signal) => {
    const listener = () => {
      if (ending) Deno.exit(0);
      ending = true;
      end(signal);
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
