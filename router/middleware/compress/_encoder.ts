// node:zlib in place of CompressionStream, which has no zstd and no level of
// brotli: 1.08 MB of JSON took 57 ms by its brotli, 20 ms at level 4 here. It
// is loaded at the first use (16 ms), not with the module.
import type { Transform } from "node:stream";
import type Zlib from "node:zlib";

/** A coding that can be made. */
export type Encoding = "zstd" | "br" | "gzip";

/** Makes one coding. */
export interface Encoder {
  /** The whole body at once. */
  whole(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
  /** A body as it comes. */
  stream(): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>;
}

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
  open: () => Transform,
): Encoder {
  return {
    whole: (bytes) => plain(whole(bytes)),
    stream: () => webTransform(open()),
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
 * By hand: after a cancel, Duplex.toWeb of Deno 2.9 went on reading for 16 s.
 */
function webTransform(
  transform: Transform,
): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  let fail: (error: unknown) => void = () => {};
  const settled = (begin: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => {
      fail = reject;
      begin((error) => error ? reject(error) : resolve());
    });
  return new TransformStream({
    start(controller) {
      transform.on("data", (chunk: Uint8Array) => {
        if (chunk.byteLength > 0) controller.enqueue(plain(chunk));
      });
      transform.on("error", (error: unknown) => {
        fail(error);
      });
    },
    transform: (chunk) => settled((done) => transform.write(chunk, done)),
    flush: () =>
      settled((done) => {
        transform.once("end", () => done());
        transform.end();
      }),
    cancel() {
      transform.destroy();
    },
  });
}
