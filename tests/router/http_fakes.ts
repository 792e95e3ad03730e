import {
  HttpRouter,
  type HttpRouterOptions,
  type Logger,
  type LogLevel,
  type Templates,
} from "@oresty/router";

/** A line that was logged. */
export interface Line {
  level: LogLevel;
  message: string;
  fields: Record<string, unknown>;
}

/** A log in memory. */
export class MemoryLog implements Logger {
  readonly lines: Line[] = [];

  debug(message: string, fields: Record<string, unknown> = {}): void {
    this.lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields: Record<string, unknown> = {}): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields: Record<string, unknown> = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields: Record<string, unknown> = {}): void {
    this.lines.push({ level: "error", message, fields });
  }
}

/** Templates that show what they were given; some names fail. */
export class FakeTemplates implements Templates {
  readonly extension = ".html";
  readonly rendered: [name: string, data: unknown][] = [];

  has(name: string): boolean {
    return !name.startsWith("no/") && !name.includes("..");
  }

  render(name: string, data: unknown): string | Promise<string> {
    this.rendered.push([name, data]);
    if (name === "throws.html") throw new Error("template threw");
    if (name === "rejects.html") {
      return Promise.reject(new Error("template rejected"));
    }
    const text = `<p>${name} ${JSON.stringify(data)}</p>`;
    return name === "late.html" ? Promise.resolve(text) : text;
  }
}

/** A connection from an address. */
export function connectionFrom(hostname: string): Deno.ServeHandlerInfo {
  return {
    remoteAddr: { transport: "tcp", hostname, port: 50_000 },
    completed: Promise.resolve(),
  };
}

/** Status, content type and body at once. */
export async function summary(
  response: Response,
): Promise<[status: number, type: string | null, body: string]> {
  const { status, headers } = response;
  return [status, headers.get("content-type"), await response.text()];
}

/** The first error of the log's lines as the Error that it is. */
export function loggedError(log: MemoryLog): Error {
  const line = log.lines.find(({ level }) => level === "error");
  const { error } = line?.fields ?? {};
  if (!(error instanceof Error)) throw new Error("no error was logged");
  return error;
}

/** A router whose only route throws. */
export function throwing(
  thrown: unknown,
  options: HttpRouterOptions = {},
  log: MemoryLog = new MemoryLog(),
): HttpRouter {
  const router = new HttpRouter({ log, ...options });
  return router.get("/", () => {
    throw thrown;
  });
}
