import type { ByteRange } from "./_ranges.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes of a piece of a stream. */
const PIECE = 65_536;

/** A file as it was looked up. */
export interface Sought {
  readonly path: string;
  /** Its number in the file system; 0 where it has none. */
  readonly inode: number;
  /** The file system's own number. */
  readonly device: number;
}

/** Bytes of a file, read at once. */
export function fileBytes(sought: Sought, size: number): Bytes {
  using file = Deno.openSync(sought.path);
  checkSame(sought, file.statSync());
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < bytes.length) {
    const read = file.readSync(bytes.subarray(filled));
    if (read === null) throw cutShort(sought.path);
    filled += read;
  }
  return bytes;
}

/**
 * Opens a file and closes it again: what cannot be read is learned before an
 * answer is begun.
 */
export function tryFile(sought: Sought): void {
  using file = Deno.openSync(sought.path);
  checkSame(sought, file.statSync());
}

/** A piece of a body: text, bytes, or a part of a file. */
export type Piece = string | Bytes | {
  readonly file: Sought;
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
    if (typeof piece === "string") yield new TextEncoder().encode(piece);
    else if (piece instanceof Uint8Array) yield piece;
    else yield* readPart(piece.file, piece.range);
  }
}

/** Opened when it is asked for: an answer that nobody reads leaves none open. */
async function* readPart(
  sought: Sought,
  { start, end }: ByteRange,
): AsyncGenerator<Bytes, void, void> {
  using file = await Deno.open(sought.path);
  checkSame(sought, await file.stat());
  if (start > 0) await file.seek(start, Deno.SeekMode.Start);
  let left = end - start;
  while (left > 0) {
    const buffer = new Uint8Array(Math.min(PIECE, left));
    const read = await file.read(buffer);
    if (read === null) throw cutShort(sought.path);
    left -= read;
    yield buffer.subarray(0, read);
  }
}

/**
 * A link, or another version, may have taken the file's place since it was
 * looked up. One that only grew is the same.
 */
function checkSame({ path, inode, device }: Sought, info: Deno.FileInfo): void {
  if (inode !== (info.ino ?? 0) || device !== info.dev) {
    throw new Deno.errors.NotFound(
      `Cannot send "${path}": another file took its place`,
    );
  }
}

/** The length is promised by then: the connection has to end. */
function cutShort(path: string): Error {
  return new Error(`Cannot send "${path}": it became shorter meanwhile`);
}
