interface Span {
  isRecording(): boolean;
  setAttribute(name: string, value: string): void;
  updateName(name: string): void;
}

interface Telemetry {
  readonly contextManager?: {
    active(): { getValue(key: symbol): unknown } | undefined;
  };
}

/** Under this key OpenTelemetry keeps the span of a context. */
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

/**
 * Gives the runtime's own span of the running request its route: its name, and
 * the attribute `http.route`, which the runtime's request metrics then have too.
 * It does nothing where traces are off (`OTEL_DENO=true` turns them on).
 *
 * @param method `GET`.
 * @param route The pattern, `/users/:id`.
 * @returns Whether there was a span; one that is not sampled is let alone.
 *
 * @example
 * ```ts
 * import { nameSpan } from "@oresty/stat";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nameSpan("GET", "/users/:id"), false);
 * ```
 */
export function nameSpan(method: string, route: string): boolean {
  const { telemetry } = Deno as { telemetry?: Telemetry };
  const span = telemetry?.contextManager?.active()?.getValue(SPAN) as
    | Span
    | undefined;
  if (span === undefined) return false;
  if (!span.isRecording()) return true;
  span.setAttribute("http.route", route);
  span.updateName(`${method} ${route}`);
  return true;
}
