import {
  isJson,
  mediaType,
  parseJson,
  parseMultipart,
  readBody,
} from "./_body.ts";
import { HttpError } from "./http_error.ts";
import { markBody } from "./_marks.ts";
import { parseQuery } from "./_query.ts";
import type { Runtime } from "./_runtime.ts";

const FORM = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data";

/** Reads the body of one request, once, in the forms that handlers ask for. */
export class BodyReader {
  readonly #request: Request;
  readonly #runtime: Runtime;
  #bytes: Promise<Uint8Array<ArrayBuffer>> | undefined;
  #json: Promise<unknown> | undefined;

  constructor(request: Request, runtime: Runtime) {
    this.#request = request;
    this.#runtime = runtime;
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#bytes ??= readBody(this.#request, this.#runtime.limits);
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  json(): Promise<unknown> {
    return this.#json ??= this.#readJson();
  }

  async #readJson(): Promise<unknown> {
    this.#expect("application/json", isJson);
    const text = await this.text();
    const value = parseJson(text);
    const extension = this.#runtime.templates?.extension;
    // Only then can an array in it be taken for a view.
    if (
      extension !== undefined &&
      (text.includes(extension) || text.includes("\\u"))
    ) markBody(value);
    return value;
  }

  async form(): Promise<Record<string, string>> {
    this.#expect(FORM);
    return parseQuery(await this.text());
  }

  async multipart(): Promise<FormData> {
    this.#expect(MULTIPART);
    const type = this.#request.headers.get("content-type")!;
    return await parseMultipart(await this.bytes(), type);
  }

  /** The fields of a JSON object or a form, or null: nothing to wait for. */
  fields(): Promise<unknown> | null {
    const { method } = this.#request;
    if (method === "GET" || method === "HEAD") return null;
    const type = mediaType(this.#request);
    if (isJson(type)) return this.#bodyless() ? null : this.json();
    if (type === FORM) return this.form();
    if (type === MULTIPART) {
      return this.multipart().then((data) => {
        const fields: Record<string, unknown> = Object.create(null);
        for (const [name, value] of data) fields[name] = value;
        return fields;
      });
    }
    return null;
  }

  /** DELETE and others often name a type for a body they do not send. */
  #bodyless(): boolean {
    return this.#request.body === null ||
      this.#request.headers.get("content-length") === "0";
  }

  #expect(
    expected: string,
    fits: (type: string) => boolean = (type) => type === expected,
  ): void {
    const type = mediaType(this.#request);
    if (fits(type)) return;
    throw new HttpError(
      415,
      `The body's type is "${type}", expected ${expected}`,
      { headers: { accept: expected } },
    );
  }
}
