import { timerMilliseconds } from "./_timer.ts";
import { HttpError } from "./http_error.ts";

/** What a body may cost. */
export interface BodyLimits {
  /** Bytes. */
  readonly size: number;
  /** Seconds until the whole body must be here. */
  readonly time: number;
}

/** Nested arrays and objects of a JSON body, as PHP's json_decode. */
const JSON_DEPTH = 512;

/**
 * Reads a body within its limits.
 *
 * @throws {HttpError} 413 when it is larger, 408 when it takes longer, 400 when
 * it ends early.
 */
export async function readBody(
  request: Request,
  limits: BodyLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  if (request.body === null) return new Uint8Array();
  if (request.bodyUsed) {
    throw new TypeError(
      `Cannot read the body: it was read from the request itself, ` +
        `expected one reader`,
    );
  }
  const length = request.headers.get("content-length");
  if (length !== null && Number(length) > limits.size) throw tooLarge(limits);
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(),
    timerMilliseconds(limits.time),
  );
  try {
    // With a length the server cuts the body there: no counting of our own.
    if (length === null) {
      return await readCounted(request.body, limits, controller.signal);
    }
    const bytes = await unless(controller.signal, limits, request.bytes());
    // Without a server, as when an app is mounted, the header may be wrong.
    if (bytes.byteLength > limits.size) throw tooLarge(limits);
    return bytes;
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(400, "The body ended early", { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function readCounted(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  limits: BodyLimits,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    while (true) {
      const { done, value } = await unless(signal, limits, reader.read());
      if (done) break;
      size += value.byteLength;
      if (size > limits.size) throw tooLarge(limits);
      chunks.push(value);
    }
  } catch (error) {
    // Not awaited: a client that stalls would stall the cancel as well.
    reader.cancel().catch(() => {});
    throw error;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** Waits for a read until the time is over. */
function unless<T>(
  signal: AbortSignal,
  limits: BodyLimits,
  read: Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () =>
      reject(
        new HttpError(
          408,
          `The body was not here within ${limits.time} seconds`,
          { headers: { connection: "close" } },
        ),
      );
    signal.addEventListener("abort", stop, { once: true });
    read.then(resolve, reject).finally(() =>
      signal.removeEventListener("abort", stop)
    );
  });
}

function tooLarge(limits: BodyLimits): HttpError {
  return new HttpError(413, `The body is over ${limits.size} bytes`);
}

/**
 * The media type in lower case without its parameters.
 *
 * @returns "" when there is none.
 */
export function mediaType(request: Request): string {
  const type = request.headers.get("content-type");
  if (type === null) return "";
  const semicolon = type.indexOf(";");
  return (semicolon < 0 ? type : type.slice(0, semicolon)).trim().toLowerCase();
}

/** Whether the media type is JSON: application/json or a `+json` one. */
export function isJson(type: string): boolean {
  return type === "application/json" || /^[^/\s]+\/[^/\s]+\+json$/.test(type);
}

/**
 * @throws {HttpError} 400 when the text is no JSON or nested too deep.
 */
export function parseJson(text: string): unknown {
  if (tooDeep(text)) {
    throw new HttpError(400, `The JSON is nested over ${JSON_DEPTH} levels`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, `The body is no JSON: ${reason(error)}`, {
      cause: error,
    });
  }
}

/** Where the JSON breaks, without a quote of the body. */
function reason(error: unknown): string {
  const { message } = error as SyntaxError;
  if (message.startsWith("Unexpected end")) return "it ends early";
  const place = /at position \d+(?: \(line \d+ column \d+\))?/.exec(message);
  return place === null ? "unexpected text" : `unexpected text ${place[0]}`;
}

/**
 * Whether brackets nest deeper than what later code, which is often recursive,
 * can be trusted with.
 */
function tooDeep(text: string): boolean {
  if (text.length <= 2 * JSON_DEPTH) return false;
  // A body with few brackets cannot be deep; counting them costs 1/50 of a
  // walk through the text.
  let opened = 0;
  for (const bracket of ["[", "{"]) {
    let at = text.indexOf(bracket);
    while (at >= 0 && opened <= JSON_DEPTH) {
      opened++;
      at = text.indexOf(bracket, at + 1);
    }
  }
  if (opened <= JSON_DEPTH) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > JSON_DEPTH) return true;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return false;
}

const BOUNDARY = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i;

/**
 * @throws {HttpError} 400 when the parts are cut off or malformed.
 */
export async function parseMultipart(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<FormData> {
  try {
    const boundary = BOUNDARY.exec(contentType);
    const end = `--${boundary?.[1] ?? boundary?.[2]}--`;
    // The runtime takes what is cut off for a form without parts.
    if (!new TextDecoder("latin1").decode(bytes).includes(end)) {
      throw new TypeError(
        `Cannot read the parts: the last boundary is missing`,
      );
    }
    return await new Response(bytes, {
      headers: { "content-type": contentType },
    }).formData();
  } catch (error) {
    throw new HttpError(400, "The multipart body is malformed", {
      cause: error,
    });
  }
}
