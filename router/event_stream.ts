import { type Duration, parseDuration } from "@oresty/core";
import { timerMilliseconds } from "./_timer.ts";
import type { StreamWriter } from "./stream.ts";

/** A server-sent event. */
export interface ServerEvent {
  /** What it says: a text, or anything else as JSON. */
  data: unknown;
  /** Its type; `message` when left out. */
  event?: string;
  /** What the client sends as `Last-Event-ID` when it comes back. */
  id?: string;
  /** How long the client waits before it comes back, in seconds. */
  retry?: Duration;
}

/** Writes server-sent events (HTML standard, section 9.2). */
export class EventWriter {
  readonly #writer: StreamWriter;

  /** Made by the context. */
  constructor(writer: StreamWriter) {
    this.#writer = writer;
  }

  /** Aborts when the client left. */
  get signal(): AbortSignal {
    return this.#writer.signal;
  }

  /**
   * Sends an event; resolves when there is room for the next one.
   *
   * @param event The event, or its data alone as a text.
   * @throws {TypeError} When the type or id cannot be in one line, or `retry`
   * is no length of time.
   * @throws {RangeError} When `retry` is negative or not finite.
   * @throws {DOMException} AbortError when the client left.
   */
  async send(event: ServerEvent | string): Promise<void> {
    const { data, event: type, id, retry } = typeof event === "string"
      ? { data: event } as ServerEvent
      : event;
    let text = "";
    if (type !== undefined) text += `event: ${line("event", type)}\n`;
    if (id !== undefined) text += `id: ${line("id", id)}\n`;
    if (retry !== undefined) {
      text += `retry: ${Math.round(parseDuration(retry, "retry") * 1000)}\n`;
    }
    const body = typeof data === "string" ? data : JSON.stringify(data) ?? "";
    for (const part of body.split(/\r\n|\r|\n/)) text += `data: ${part}\n`;
    await this.#writer.write(text + "\n");
  }

  /**
   * Sends a comment, which clients pass over.
   *
   * @param text What it says.
   */
  async comment(text = ""): Promise<void> {
    await this.#writer.write(
      text.split(/\r\n|\r|\n/).map((part) => `: ${part}\n`).join("") + "\n",
    );
  }
}

function line(name: string, text: string): string {
  if (/[\r\n\0]/.test(text)) {
    throw new TypeError(
      `Cannot send ${name} ${JSON.stringify(text)}: expected one line`,
    );
  }
  return text;
}

/** Sends a comment every so often, so that proxies keep the connection. */
export function keepAlive(
  events: EventWriter,
  seconds: number,
): () => void {
  if (seconds <= 0) return () => {};
  const timer = setInterval(() => {
    // A failed write ends the writing function's own next write as well.
    events.comment("keep-alive").catch(() => {});
  }, timerMilliseconds(seconds));
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}
