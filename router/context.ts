import { type Duration, parseDuration } from "@oresty/core";
import { encodeLocation } from "./_path.ts";
import { grant } from "./_access.ts";
import { BodyReader } from "./_body_reader.ts";
import { ClientSignal } from "./_client_signal.ts";
import { markSent } from "./_marks.ts";
import { Prepared } from "./_prepared.ts";
import { parseQuery, searchOf } from "./_query.ts";
import { requestIdOf } from "./_request_id.ts";
import type { Runtime } from "./_runtime.ts";
import { Cookies } from "./cookies.ts";
import { EventWriter, keepAlive } from "./event_stream.ts";
import { Html } from "./html.ts";
import { HttpError } from "./http_error.ts";
import { JsonLogger, type Logger } from "./log.ts";
import { type StreamWriter, writtenBody } from "./stream.ts";
import { withFields } from "./_with_fields.ts";
import type { DefaultEnv, Env } from "./types.ts";

/** How a stream of events behaves. */
export interface EventStreamOptions {
  /**
   * Time between comments that keep the connection through proxies, in seconds;
   * 0 is never.
   *
   * @default {15}
   */
  keepAlive?: Duration;
}

/** Everything that is sent as one: query, then body, then path. */
export type Input = Record<string, unknown>;

/**
 * A request and the answer being made for it. What costs something is made at
 * its first use.
 *
 * @typeParam P The parameters of the path.
 * @typeParam E The environment: types of `app` and `state`.
 * @typeParam V What the route's schemas made.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { assertEquals } from "@std/assert";
 *
 * const router = new HttpRouter();
 * router.get("/users/:id", (ctx) => {
 *   ctx.header("x-page", ctx.query.page ?? "1");
 *   return { id: ctx.params.id, path: ctx.path };
 * });
 * const response = await router.request("/users/7?page=2");
 * assertEquals(await response.json(), { id: "7", path: "/users/7" });
 * assertEquals(response.headers.get("x-page"), "2");
 * ```
 */
export class Context<
  P = Record<string, string>,
  E extends Env = DefaultEnv,
  V = unknown,
> {
  /** The request as the server gave it. */
  readonly request: Request;
  /** The path as sent, percent-encoded, without the query. */
  readonly path: string;
  /** The decoded parameters of the path; an object without a prototype. */
  readonly params: P;
  /** The pattern that matched, or null when none did. */
  readonly route: string | null;
  #runtime: Runtime;
  readonly #info: Deno.ServeHandlerInfo | undefined;
  readonly #href: string;
  #prepared: Prepared | null = null;
  #url: URL | undefined;
  #query: Record<string, string> | undefined;
  #cookies: Cookies | undefined;
  #state: E["state"] | undefined;
  #body: BodyReader | undefined;
  #valid: V = undefined as V;
  #error: unknown;
  #requestId: string | undefined;
  #log: Logger | undefined;
  #client: ClientSignal | undefined;

  /** Made by the router. */
  constructor(
    runtime: Runtime,
    request: Request,
    info: Deno.ServeHandlerInfo | undefined,
    href: string,
    path: string,
    params: P,
    route: string | null,
  ) {
    this.request = request;
    this.path = path;
    this.params = params;
    this.route = route;
    this.#runtime = runtime;
    this.#info = info;
    this.#href = href;
  }

  /** What the route's schemas made of params, query and body. */
  get valid(): V {
    return this.#valid;
  }

  /** The error that became the answer: middleware sees it after `next()`. */
  get error(): unknown {
    return this.#error;
  }

  /** The application: what was given as `app`. */
  get app(): E["app"] {
    return this.#runtime.app;
  }

  /** The method, as sent. */
  get method(): string {
    return this.request.method;
  }

  /** The whole URL. Costs a parse; `path` and `query` do not. */
  get url(): URL {
    return this.#url ??= new URL(this.#href);
  }

  /**
   * The query as an object without a prototype; of a name given twice the last
   * counts. All of them: `queries(name)`.
   */
  get query(): Record<string, string> {
    return this.#query ??= parseQuery(searchOf(this.#href));
  }

  /** Every value of a name in the query, in order. */
  queries(name: string): string[] {
    return markSent(new URLSearchParams(searchOf(this.#href)).getAll(name));
  }

  /** Cookies of the request, and of the answer. */
  get cookies(): Cookies {
    return this.#cookies ??= new Cookies(
      this.request.headers.get("cookie"),
      () => this.headers,
      this.#runtime.signer,
    );
  }

  /** A place for what middleware hands to handlers. */
  get state(): E["state"] {
    return this.#state ??= {};
  }

  /**
   * The client's address; behind proxies as the option `trustProxy` says. ""
   * when there is no connection, as in tests.
   */
  get ip(): string {
    const peer = this.#info?.remoteAddr;
    return this.#runtime.addressOf(
      peer !== undefined && "hostname" in peer ? peer.hostname : "",
      this.request.headers.get("x-forwarded-for"),
    );
  }

  /**
   * What names this request in logs: `X-Request-Id` of the request when it is
   * 1 to 128 letters, digits, and `. _ : -`, else a random UUID.
   */
  get requestId(): string {
    return this.#requestId ??= requestIdOf(this.request);
  }

  /** A log whose lines carry the request id as `reqid`. */
  get log(): Logger {
    if (this.#log !== undefined) return this.#log;
    const { log } = this.#runtime;
    const fields = { reqid: this.requestId };
    return this.#log = log instanceof JsonLogger
      ? log.with(fields)
      : withFields(log, fields);
  }

  /** Aborts when, and only when, the client left before it had its answer. */
  get signal(): AbortSignal {
    this.#client ??= new ClientSignal(this.request);
    return this.#client.signal;
  }

  /**
   * The body as bytes.
   *
   * @throws {HttpError} 413 over the limit, 408 when it takes too long, 400
   * when it ends early.
   */
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#reader.bytes();
  }

  /**
   * The body as text, of any type; bytes that are no UTF-8 become U+FFFD.
   *
   * @throws {HttpError} As `bytes`.
   */
  text(): Promise<string> {
    return this.#reader.text();
  }

  /**
   * The body as JSON.
   *
   * @throws {HttpError} 415 when its type is none of JSON, 400 when it is
   * malformed or nested over 512 levels, and as `bytes`.
   */
  json<T = unknown>(): Promise<T> {
    return this.#reader.json() as Promise<T>;
  }

  /**
   * The fields of an urlencoded form, an object without a prototype; of a name
   * given twice the last counts.
   *
   * @throws {HttpError} 415 on another type, and as `bytes`.
   */
  form(): Promise<Record<string, string>> {
    return this.#reader.form();
  }

  /**
   * The parts of a multipart form.
   *
   * @throws {HttpError} 415 on another type, 400 when it is malformed or cut
   * off, and as `bytes`.
   */
  multipart(): Promise<FormData> {
    return this.#reader.multipart();
  }

  /**
   * Query, body and parameters of the path as one object without a prototype,
   * the latter winning; no promise when there is no body to wait for. A body
   * counts when it is a JSON object or a form; files of a multipart form are
   * `File`s.
   *
   * @throws {HttpError} As `json`, `form` and `multipart`, but 415.
   */
  input(): Input | Promise<Input> {
    const fields = this.#reader.fields();
    return fields === null
      ? this.#merge(undefined)
      : fields.then((body) => this.#merge(body));
  }

  #merge(body: unknown): Input {
    // Without a prototype "__proto__" is a name like any other.
    const input: Input = Object.assign(Object.create(null), this.query);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) {
      Object.assign(input, body);
    }
    return Object.assign(input, this.params);
  }

  get #reader(): BodyReader {
    return this.#body ??= new BodyReader(this.request, this.#runtime);
  }

  /**
   * Headers of the answer; those of a returned Response win over them, but
   * `Set-Cookie` and `Vary`, which join.
   */
  get headers(): Headers {
    return this.#answer.headers;
  }

  /** Sets a header of the answer. */
  header(name: string, value: string): this {
    this.headers.set(name, value);
    return this;
  }

  /**
   * Sets the status of the answer that a plain value becomes.
   *
   * @throws {RangeError} When it is none of 200 to 599.
   */
  status(code: number): this {
    if (!(Number.isInteger(code) && code >= 200 && code <= 599)) {
      throw new RangeError(
        `Cannot set status "${code}": expected 200 to 599`,
      );
    }
    this.#answer.status = code;
    return this;
  }

  get #answer(): Prepared {
    return this.#prepared ??= new Prepared();
  }

  /**
   * HTML to return. Nothing in it is escaped: see the tag `html`.
   */
  html(text: string): Html {
    return new Html(text);
  }

  /**
   * Renders a template, as returning `[data, name]` does, also where the name
   * is not known to be one.
   *
   * @throws {Error} When there are no templates, or none of this name.
   */
  async view(name: string, data: unknown = {}): Promise<Html> {
    const { templates } = this.#runtime;
    if (templates === null || !templates.has(name)) {
      throw new Error(
        `Cannot render template "${name}": ` +
          (templates === null
            ? "the application has no templates"
            : "it is not in the folder of templates"),
      );
    }
    return new Html(await templates.render(name, data));
  }

  /**
   * An answer that sends the client elsewhere.
   *
   * @param location A path or URL.
   * @param status One of 301, 302, 303, 307 and 308.
   * @throws {RangeError} On another status.
   */
  redirect(location: string, status = 302): Response {
    if (![301, 302, 303, 307, 308].includes(status)) {
      throw new RangeError(
        `Cannot redirect with status "${status}": ` +
          `expected 301, 302, 303, 307 or 308`,
      );
    }
    return new Response(null, {
      status,
      headers: { location: encodeLocation(location) },
    });
  }

  /**
   * An answer written piece by piece.
   *
   * @param run Writes; the body ends when it is done. An error cuts it off and
   * is logged.
   * @param type The content type.
   */
  stream(
    run: (writer: StreamWriter) => Promise<void> | void,
    type = "application/octet-stream",
  ): Response {
    const body = writtenBody(run, (error) => {
      this.log.error("stream failed", { path: this.path, error });
    });
    return new Response(body, { headers: { "content-type": type } });
  }

  /**
   * An answer of server-sent events.
   *
   * @param run Sends events; the stream ends when it is done.
   * @param options How the stream behaves.
   */
  sse(
    run: (events: EventWriter) => Promise<void> | void,
    options: EventStreamOptions = {},
  ): Response {
    const seconds = parseDuration(
      options.keepAlive ?? 15,
      `option "keepAlive"`,
    );
    const response = this.stream(async (writer) => {
      const events = new EventWriter(writer);
      const stop = keepAlive(events, seconds);
      writer.signal.addEventListener("abort", stop, { once: true });
      try {
        await run(events);
      } finally {
        stop();
      }
    }, "text/event-stream; charset=utf-8");
    response.headers.set("cache-control", "no-cache");
    // nginx would hold events back until its buffer is full.
    response.headers.set("x-accel-buffering", "no");
    return response;
  }

  /**
   * Turns the request into a WebSocket.
   *
   * @returns The socket, and the response to return.
   * @throws {HttpError} 426 when the client did not ask for one.
   */
  upgrade(options: Deno.UpgradeWebSocketOptions = {}): Deno.WebSocketUpgrade {
    const wanted = this.request.headers.get("upgrade")?.toLowerCase();
    if (wanted !== "websocket") {
      throw new HttpError(426, "Expected a WebSocket", {
        headers: { upgrade: "websocket", connection: "upgrade" },
      });
    }
    try {
      return Deno.upgradeWebSocket(this.request, options);
    } catch (error) {
      throw new HttpError(400, "The WebSocket handshake is malformed", {
        cause: error,
      });
    }
  }

  /**
   * The path of a named route.
   *
   * @param name As given in the route's options.
   * @param params Its parameters.
   * @param query What to put behind "?".
   * @throws {TypeError} When there is no such route, or a parameter is missing
   * or not what the pattern takes.
   */
  urlFor(
    name: string,
    params: Record<string, string | number> = {},
    query: Record<string, string | number> = {},
  ): string {
    return this.#runtime.urlFor(name, params, query);
  }

  static {
    grant({
      prepared: (ctx) => ctx.#prepared,
      runtime: (ctx) => ctx.#runtime,
      info: (ctx) => ctx.#info,
      limit: (ctx, runtime) => ctx.#runtime = runtime,
      identify: (ctx, id) => ctx.#requestId = id,
      validated: (ctx, valid) => ctx.#valid = valid,
      failed: (ctx, error) => ctx.#error = error,
      finish: (ctx, response) => {
        const prepared = ctx.#prepared;
        const merged = prepared === null || prepared.isEmpty
          ? response
          : prepared.merge(response);
        return ctx.#client === undefined ? merged : ctx.#client.watch(merged);
      },
    });
  }
}
