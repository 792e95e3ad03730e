import { access, type AnyContext } from "./_access.ts";
import { isSent } from "./_marks.ts";
import type { Prepared } from "./_prepared.ts";
import { Html } from "./html.ts";

const JSON_TYPE = "application/json";
const TEXT_TYPE = "text/plain; charset=utf-8";
const HTML_TYPE = "text/html; charset=utf-8";
const BYTES_TYPE = "application/octet-stream";
// Made once: the runtime copies them for each answer.
const JSON_INIT: ResponseInit = { headers: { "content-type": JSON_TYPE } };
const TEXT_INIT: ResponseInit = { headers: { "content-type": TEXT_TYPE } };
const HTML_INIT: ResponseInit = { headers: { "content-type": HTML_TYPE } };
const BYTES_INIT: ResponseInit = { headers: { "content-type": BYTES_TYPE } };

/**
 * Makes an answer of what a handler returned.
 *
 * @throws {TypeError} When the value can be none.
 * @throws {unknown} The value itself when it is an Error.
 */
export function respond(
  value: unknown,
  ctx: AnyContext,
): Response | Promise<Response> {
  if (value instanceof Response) return value;
  if (typeof value === "string") return make(ctx, value, TEXT_TYPE, TEXT_INIT);
  if (value === null || value === undefined) {
    const prepared = pending(ctx);
    return prepared === null
      ? new Response(null, { status: 204 })
      : prepared.respond(null, "");
  }
  if (typeof value !== "object") {
    if (typeof value === "number" || typeof value === "boolean") {
      return make(ctx, JSON.stringify(value), JSON_TYPE, JSON_INIT);
    }
    throw new TypeError(
      `Cannot answer with a ${typeof value}: expected an object, array, ` +
        `text, number, boolean, Response, stream, null or undefined`,
    );
  }
  if (Array.isArray(value)) {
    const view = viewOf(value, ctx);
    return view ?? make(ctx, JSON.stringify(value), JSON_TYPE, JSON_INIT);
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    if (typeof (value as { then?: unknown }).then !== "function") {
      return json(value, ctx);
    }
  }
  return special(value, ctx);
}

/** What is neither plain data nor a Response: rarer, so asked last. */
function special(
  value: object,
  ctx: AnyContext,
): Response | Promise<Response> {
  if (value instanceof Html) {
    return make(ctx, value.toString(), HTML_TYPE, HTML_INIT);
  }
  if (value instanceof Error) throw value;
  if (typeof (value as PromiseLike<unknown>).then === "function") {
    return Promise.resolve(value).then((inner) => respond(inner, ctx));
  }
  if (value instanceof ReadableStream || value instanceof Uint8Array) {
    return make(ctx, value as BodyInit, BYTES_TYPE, BYTES_INIT);
  }
  if (value instanceof ArrayBuffer) {
    return make(ctx, value, BYTES_TYPE, BYTES_INIT);
  }
  if (
    value instanceof Blob || value instanceof FormData ||
    value instanceof URLSearchParams
  ) {
    // These know their own type.
    return make(ctx, value, "", {});
  }
  if (Symbol.asyncIterator in value) {
    const { body } = ctx.stream(async (writer) => {
      for await (const chunk of value as AsyncIterable<string | Uint8Array>) {
        await writer.write(chunk);
      }
    });
    return make(ctx, body!, BYTES_TYPE, BYTES_INIT);
  }
  return json(value, ctx);
}

function json(value: object, ctx: AnyContext): Response {
  const text = JSON.stringify(value);
  // A toJSON may say that there is nothing.
  if (text === undefined) return respond(null, ctx) as Response;
  return make(ctx, text, JSON_TYPE, JSON_INIT);
}

function viewOf(
  value: unknown[],
  ctx: AnyContext,
): Promise<Response> | Response | undefined {
  const [data, name] = value;
  if (value.length !== 2 || typeof name !== "string") return undefined;
  // Lists of a query or form (`getAll`) are no views: none has marked them.
  if (typeof data === "string" || data instanceof Blob) return undefined;
  const { templates, dev } = access.runtime(ctx);
  if (
    templates === null || !name.endsWith(templates.extension) || isSent(value)
  ) return undefined;
  if (!templates.has(name)) {
    if (dev) {
      ctx.log.warn("answered as JSON: no such template", { template: name });
    }
    return undefined;
  }
  const text = templates.render(name, data);
  return typeof text === "string"
    ? make(ctx, text, HTML_TYPE, HTML_INIT)
    : text.then((text) => make(ctx, text, HTML_TYPE, HTML_INIT));
}

function make(
  ctx: AnyContext,
  body: BodyInit,
  type: string,
  init: ResponseInit,
): Response {
  const prepared = pending(ctx);
  return prepared === null
    ? new Response(body, init)
    : prepared.respond(body, type);
}

function pending(ctx: AnyContext): Prepared | null {
  const prepared = access.prepared(ctx);
  return prepared === null || prepared.isEmpty ? null : prepared;
}
