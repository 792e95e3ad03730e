// node:zlib in place of CompressionStream, which has no zstd and no level of
// brotli: 1.08 MB of JSON took 57 ms by its brotli, 20 ms at level 4 here. It
// is loaded at the first use (16 ms), not with the module.
import type { Transform } from "node:stream";
import type Zlib from "node:zlib";
import type { ReadAhead } from "../_read_ahead.ts";

/** A coding that can be made. */
export type Encoding = "zstd" | "br" | "gzip";

/** As all of node:zlib, with what each takes for "all until here". */
interface Flushable {
  flush(done: () => void): void;
}

/** Makes one coding. */
export interface Encoder {
  /** The whole body at once. */
  whole(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
  /** A body as it comes: what there is of it goes out before more is awaited. */
  stream(body: ReadAhead): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/**
 * Bytes that are compressed at once, so that a large text is never there
 * compressed as a whole.
 */
const PIECE = 65_536;

let zlib: Promise<typeof Zlib> | undefined;

/** The maker of a coding. */
export async function encoderOf(encoding: Encoding): Promise<Encoder> {
  const z = await (zlib ??= import("node:zlib").then((all) => all.default));
  switch (encoding) {
    case "gzip":
      return encoder(z.gzipSync, () => z.createGzip());
    case "zstd":
      return encoder(z.zstdCompressSync, () => z.createZstdCompress());
    case "br": {
      const params = { [z.constants.BROTLI_PARAM_QUALITY]: 4 };
      return encoder(
        (bytes) => z.brotliCompressSync(bytes, { params }),
        () => z.createBrotliCompress({ params }),
      );
    }
  }
}

function encoder(
  whole: (bytes: Uint8Array) => Uint8Array,
  open: () => Transform & Flushable,
): Encoder {
  return {
    whole: (bytes) => plain(whole(bytes)),
    stream: (body) => encoded(body, open()),
  };
}

/** Not a view of memory that others see. */
function plain(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer &&
      bytes.byteLength === bytes.buffer.byteLength
    ? new Uint8Array(bytes.buffer)
    : new Uint8Array(bytes);
}

/**
 * By hand: after a cancel, Duplex.toWeb of Deno 2.9 went on reading for 16 s,
 * and no pipe knows when its source has nothing more for now.
 */
function encoded(
  body: ReadAhead,
  transform: Transform & Flushable,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let made: Uint8Array<ArrayBuffer>[] = [];
  transform.on("data", (chunk: Uint8Array) => {
    if (chunk.byteLength > 0) made.push(plain(chunk));
  });
  let fail: (error: unknown) => void = () => {};
  transform.on("error", (error: unknown) => fail(error));
  const step = (begin: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => {
      fail = reject;
      begin((error) => error ? reject(error) : resolve());
    });
  /** Compresses until there is something to send; whether that was the end. */
  const advance = async (): Promise<boolean> => {
    while (made.length === 0) {
      const chunk = await body.next(PIECE);
      if (chunk === undefined) {
        await step((done) => {
          transform.once("end", () => done());
          transform.end();
        });
        return true;
      }
      await step((done) => transform.write(chunk, done));
      if (!await body.hasNext()) await step((done) => transform.flush(done));
    }
    return false;
  };
  return new ReadableStream({
    async pull(controller) {
      try {
        const isEnd = await advance();
        for (const chunk of made) controller.enqueue(chunk);
        made = [];
        if (isEnd) controller.close();
      } catch (error) {
        transform.destroy();
        body.cancel(error).catch(() => {});
        throw error;
      }
    },
    cancel(reason) {
      transform.destroy();
      return body.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
