// deno-lint-ignore-file camelcase -- fields have the names of nginx
import { checkOptions } from "@oresty/core";
import { access, type AnyContext } from "../../_access.ts";
import type { Context } from "../../context.ts";
import type { Env, Middleware } from "../../types.ts";
import { checkBoolean, checkFunction, checkTokens } from "../_refuse.ts";
import { curlCommand } from "./_curl.ts";
import { redactUrl, type SecretName, secretNames } from "./_redact.ts";
import { type Sent, watchSent } from "./_sent_bytes.ts";

/** One line of the log; names as nginx has them where it has them. */
export interface AccessLine {
  /** When the request came, as ISO 8601 in UTC. */
  readonly time: string;
  /** What names the request in all logs. */
  readonly reqid: string;
  /** The status of the answer. */
  readonly status: number;
  /** Bytes of the answer's body that were sent; streams count as read. */
  readonly body_bytes_sent: number;
  /** Seconds until all was sent. */
  readonly request_time: number;
  /** Seconds until the answer was there. */
  readonly handler_time: number;
  /** Bytes of the request's body as announced, or null. */
  readonly request_length: number | null;
  /** The address of the connection; "" when there is none. */
  readonly remote_addr: string;
  /** The address of the client, as `trustProxy` of the router says. */
  readonly client_addr: string;
  /** `X-Forwarded-For` as sent, or null. */
  readonly http_x_forwarded_for: string | null;
  /** The method. */
  readonly request_method: string;
  /** Path and query, without secrets. */
  readonly request_uri: string;
  /** The pattern that matched, or null. */
  readonly route: string | null;
  /** The `Host` header, or null. */
  readonly host: string | null;
  /** The `Referer` header without secrets, or null. */
  readonly http_referer: string | null;
  /** The `User-Agent` header, or null. */
  readonly http_user_agent: string | null;
  /** Whether the client left before all was sent. */
  readonly aborted: boolean;
  /** A command that sends the request again, without secrets. */
  readonly curl?: string;
}

/** What is logged, and where to. */
export interface AccessLogOptions {
  /**
   * Takes a line of JSON, without its newline.
   *
   * @default {console.log}
   */
  write?: (line: string) => void;
  /** Requests that are not logged, such as those of a health check. */
  skip?: (ctx: Context<Record<string, string>, Env>) => boolean;
  /** More fields of a line, from the answer as it goes out. */
  fields?: (
    ctx: Context<Record<string, string>, Env>,
    response: Response,
  ) => Record<string, unknown>;
  /**
   * Whether lines have a curl command.
   *
   * @default {true}
   */
  curl?: boolean;
  /**
   * Headers and parameters of the query whose values are secrets, beside those
   * whose names say so (`authorization`, `cookie`, `token`, `password` and the
   * like).
   */
  secrets?: readonly string[];
}

/** Characters of a header that a line keeps. */
const LONGEST = 2048;
/** Characters of a command; a longer one is left out. */
const LONGEST_COMMAND = 8192;

/**
 * Writes a line of JSON for each request, when its answer was sent: see
 * {@linkcode AccessLine}. Secrets are left out.
 *
 * @param options What, and where to.
 * @returns The middleware; the outermost but `requestId`.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 *
 * @example
 * ```ts
 * import { HttpRouter } from "@oresty/router";
 * import { accessLog } from "@oresty/router/access-log";
 * import { assertEquals } from "@std/assert";
 *
 * const lines: string[] = [];
 * const router = new HttpRouter();
 * router.use(accessLog({ write: (line) => lines.push(line) }));
 * router.get("/", () => "hello");
 * await (await router.request("/?token=t0p")).text();
 *
 * const line = JSON.parse(lines[0]!);
 * assertEquals([line.status, line.body_bytes_sent], [200, 5]);
 * assertEquals(line.request_uri, "/?token=[redacted]");
 * ```
 */
export function accessLog(options: AccessLogOptions = {}): Middleware<Env> {
  checkOptions("accessLog", options, [
    "write",
    "skip",
    "fields",
    "curl",
    "secrets",
  ]);
  const { write = toConsole, skip, fields, curl = true } = options;
  const { secrets = [] } = options;
  checkFunction("accessLog", "write", write);
  checkFunction("accessLog", "skip", skip);
  checkFunction("accessLog", "fields", fields);
  checkBoolean("accessLog", "curl", curl);
  checkTokens("accessLog", "secrets", secrets, "a list of names");
  const isSecret = secretNames(secrets);
  return async (ctx, next) => {
    if (skip?.(ctx) === true) return await next();
    const [time, start] = [new Date().toISOString(), performance.now()];
    // Now: the server forgets a request that became a WebSocket.
    const about = requestFields(ctx, isSecret);
    const command = curl ? commandOf(ctx, isSecret) : {};
    const answer = await next();
    const handled = performance.now();
    const { response, sent } = await watchSent(answer, about.request_method);
    const more = moreFields(ctx, response, fields);
    const end = ({ bytes, isCut }: Sent) => {
      const line: AccessLine = {
        time,
        status: response.status,
        body_bytes_sent: bytes,
        request_time: secondsSince(start),
        handler_time: seconds(handled - start),
        ...about,
        // What is inside may have named it anew.
        reqid: ctx.requestId,
        aborted: isCut,
        ...command,
        ...more,
      };
      write(JSON.stringify(line));
    };
    finished(ctx, sent).then(end).catch((error) => {
      ctx.log.error("access log failed", { error });
    });
    return response;
  };
}

/** The service's own fields; their errors are no reason to answer another. */
function moreFields(
  ctx: AnyContext,
  response: Response,
  fields: AccessLogOptions["fields"],
): Record<string, unknown> {
  try {
    return fields?.(ctx as Context<Record<string, string>, Env>, response) ??
      {};
  } catch (error) {
    ctx.log.error("fields of the access log failed", { error });
    return {};
  }
}

/** Waits until the answer was sent, as far as the server tells. */
async function finished(ctx: AnyContext, sent: Promise<Sent>): Promise<Sent> {
  const completed = access.info(ctx)?.completed;
  if (completed === undefined) return await sent;
  try {
    await completed;
    return await sent;
  } catch {
    // A body that is no stream was given to the server as a whole.
    const unknown: Sent = { bytes: 0, isCut: true };
    const { bytes } = await Promise.race([sent, Promise.resolve(unknown)]);
    return { bytes, isCut: true };
  }
}

function requestFields(ctx: AnyContext, isSecret: SecretName) {
  const { request } = ctx;
  const header = (name: string) => shorten(request.headers.get(name));
  const length = request.headers.get("content-length");
  const peer = access.info(ctx)?.remoteAddr;
  const referer = header("referer");
  const { url } = request;
  return {
    reqid: ctx.requestId,
    request_length: length === null ? null : Number(length),
    remote_addr: peer !== undefined && "hostname" in peer ? peer.hostname : "",
    client_addr: ctx.ip,
    http_x_forwarded_for: header("x-forwarded-for"),
    request_method: ctx.method,
    request_uri: shorten(
      redactUrl(url.slice(url.indexOf("/", url.indexOf("//") + 2)), isSecret),
    )!,
    route: ctx.route,
    host: header("host"),
    http_referer: referer === null ? null : redactUrl(referer, isSecret),
    http_user_agent: header("user-agent"),
  };
}

function commandOf(ctx: AnyContext, isSecret: SecretName): { curl?: string } {
  const command = curlCommand(ctx.request, isSecret);
  return command.length > LONGEST_COMMAND ? {} : { curl: command };
}

function shorten(text: string | null): string | null {
  return text === null || text.length <= LONGEST
    ? text
    : `${text.slice(0, LONGEST)}…`;
}

function secondsSince(start: number): number {
  return seconds(performance.now() - start);
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1000;
}

function toConsole(line: string): void {
  // deno-lint-ignore no-console -- standard output is where logs go
  console.log(line);
}
