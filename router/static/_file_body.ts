import type { ByteRange } from "./_ranges.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes of a piece of a stream. */
const PIECE = 65_536;

/** Bytes of a file, read at once. */
export function fileBytes(path: string, { start, end }: ByteRange): Bytes {
  using file = Deno.openSync(path);
  if (start > 0) file.seekSync(start, Deno.SeekMode.Start);
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const read = file.readSync(bytes.subarray(filled));
    if (read === null) throw cutShort(path);
    filled += read;
  }
  return bytes;
}

/** A piece of a body: text, or a part of a file. */
export type Piece = string | {
  readonly path: string;
  readonly range: ByteRange;
};

/** The bytes of several pieces, one after another, as they are read. */
export function streamed(pieces: readonly Piece[]): ReadableStream<Bytes> {
  const bytes = readPieces(pieces);
  return new ReadableStream<Bytes>({
    async pull(controller) {
      const { done, value } = await bytes.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await bytes.return();
    },
  }, { highWaterMark: 0 });
}

async function* readPieces(
  pieces: readonly Piece[],
): AsyncGenerator<Bytes, void, void> {
  for (const piece of pieces) {
    if (typeof piece === "string") {
      yield new TextEncoder().encode(piece);
      continue;
    }
    const { path, range } = piece;
    using file = await Deno.open(path);
    if (range.start > 0) await file.seek(range.start, Deno.SeekMode.Start);
    let left = range.end - range.start;
    while (left > 0) {
      const buffer = new Uint8Array(Math.min(PIECE, left));
      const read = await file.read(buffer);
      if (read === null) throw cutShort(path);
      left -= read;
      yield buffer.subarray(0, read);
    }
  }
}

/** The length is promised by then: the connection has to end. */
function cutShort(path: string): Error {
  return new Error(`Cannot send "${path}": it became shorter meanwhile`);
}
