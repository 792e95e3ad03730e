import { type App, type AppOptions, createApp } from "@oresty/oresty";
import { JsonLogger } from "@oresty/router";

/** An app on a free port, closed at the end of the scope. */
export interface Running extends AsyncDisposable {
  readonly app: App;
  readonly port: number;
  /** The lines of the log, parsed. */
  readonly lines: Record<string, unknown>[];
}

/** Serves an app for one test. */
export function serve(
  options: AppOptions,
  fill: (app: App) => void,
): Running {
  const lines: Record<string, unknown>[] = [];
  const app = createApp({
    dev: false,
    log: new JsonLogger({
      level: "warn",
      write: (line) => lines.push(JSON.parse(line)),
    }),
    ...options,
  });
  fill(app);
  const { port } = app.listen({ port: 0, signals: false, drain: 0.2 });
  return { app, port, lines, [Symbol.asyncDispose]: () => app.close() };
}

/** Waits until something is so, at most two seconds. */
export async function until(
  condition: () => boolean,
  what: string,
): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${what} did not happen within 2 s`);
}

/** Waits so many milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
