import { evaluate, isRangeFresh } from "./_conditions.ts";
import { type Piece, streamed } from "./_file_body.ts";
import type { Folder, Found } from "./_folder.ts";
import { type ByteRange, parseRanges } from "./_ranges.ts";

/**
 * Headers by name. A record and no Headers: those are sorted anew for each
 * answer, which costs a third of the requests of a 64 KiB file.
 */
export type HeaderRecord = Readonly<Record<string, string>>;

/** What is said of a file beside its state. */
export interface FileHeaders {
  /** On every answer. */
  readonly always: HeaderRecord;
  /** On those that have bytes of it; with `content-type`. */
  readonly content: HeaderRecord & { readonly "content-type": string };
}

/** The answer with a file, or with what the client does not have of it. */
export function fileAnswer(
  request: Request,
  file: Found,
  { always, content }: FileHeaders,
  folder: Folder,
): Response {
  const { size } = file;
  const state: HeaderRecord = {
    ...always,
    etag: file.etag,
    "last-modified": file.lastModified,
    "accept-ranges": "bytes",
  };
  const status = evaluate(request.headers, file);
  if (status !== 200) return new Response(null, { status, headers: state });
  const headers = { ...state, ...content };
  const isHead = request.method === "HEAD";
  const ranges = isHead || !isRangeFresh(request.headers, file)
    ? null
    : parseRanges(request.headers.get("range"), size);
  if (ranges === null) {
    const body = isHead ? null : bodyOf(file, { start: 0, end: size }, folder);
    return new Response(body, {
      headers: { ...headers, "content-length": `${size}` },
    });
  }
  if (ranges.length === 0) {
    return new Response(null, {
      status: 416,
      headers: { ...state, "content-range": `bytes */${size}` },
    });
  }
  return ranges.length === 1
    ? onePart(file, ranges[0]!, headers, folder)
    : severalParts(file, ranges, headers, folder);
}

function onePart(
  file: Found,
  range: ByteRange,
  headers: HeaderRecord,
  folder: Folder,
): Response {
  return new Response(bodyOf(file, range, folder), {
    status: 206,
    headers: {
      ...headers,
      "content-range": contentRange(range, file.size),
      "content-length": `${range.end - range.start}`,
    },
  });
}

function bodyOf(file: Found, range: ByteRange, folder: Folder): BodyInit {
  const piece = pieceOf(file, range, folder.read(file));
  return piece instanceof Uint8Array ? piece : streamed([piece]);
}

function pieceOf(
  file: Found,
  range: ByteRange,
  bytes: Uint8Array<ArrayBuffer> | null,
): Exclude<Piece, string> {
  if (bytes === null) return { file, range };
  const { start, end } = range;
  return end - start === bytes.length ? bytes : bytes.subarray(start, end);
}

/** Several ranges as parts (RFC 9110, section 14.6). */
function severalParts(
  file: Found,
  ranges: readonly ByteRange[],
  headers: FileHeaders["content"],
  folder: Folder,
): Response {
  const boundary = crypto.randomUUID();
  const type = headers["content-type"];
  const bytes = folder.read(file);
  const pieces: Piece[] = [];
  let length = 0;
  for (const range of ranges) {
    const head = `\r\n--${boundary}\r\ncontent-type: ${type}\r\n` +
      `content-range: ${contentRange(range, file.size)}\r\n\r\n`;
    pieces.push(head, pieceOf(file, range, bytes));
    length += head.length + range.end - range.start;
  }
  const end = `\r\n--${boundary}--\r\n`;
  pieces.push(end);
  return new Response(streamed(pieces), {
    status: 206,
    headers: {
      ...headers,
      "content-type": `multipart/byteranges; boundary=${boundary}`,
      "content-length": `${length + end.length}`,
    },
  });
}

function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}
