/** A regular file of an archive. */
export interface TarFile {
  /** Path as the archive spells it, for example "./mod.ts". */
  path: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** How much of an archive is read before it is refused. */
export interface TarLimits {
  /** Number of entries. */
  entries: number;
  /** Sum of the files' sizes, in bytes. */
  bytes: number;
}

const BLOCK = 512;
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads the regular files of an uncompressed tar archive (ustar, and GNU's long
 * names, which is what `deno publish` writes).
 *
 * @throws {SyntaxError} when the archive is damaged, holds a link or a device,
 * or repeats a path.
 * @throws {RangeError} when it is larger than `limits` allow.
 */
export function readTar(
  archive: Uint8Array<ArrayBuffer>,
  limits: TarLimits,
): TarFile[] {
  const files = new Map<string, TarFile>();
  let offset = 0;
  let total = 0;
  let longName: string | undefined;
  for (let entries = 0; offset + BLOCK <= archive.length; entries++) {
    const header = archive.subarray(offset, offset + BLOCK);
    if (header.every((byte) => byte === 0)) return [...files.values()];
    if (entries >= limits.entries) {
      throw new RangeError(
        `Cannot read the archive: it has more than ${limits.entries} entries`,
      );
    }
    checkSum(header, offset);
    const size = octal(header, 124, 12);
    total += size;
    if (total > limits.bytes) {
      throw new RangeError(
        `Cannot read the archive: it unpacks to more than ${limits.bytes} bytes`,
      );
    }
    const start = offset + BLOCK;
    if (start + size > archive.length) {
      throw new SyntaxError(
        `Cannot read the archive: it ends inside the entry at byte ${offset}`,
      );
    }
    const bytes = archive.slice(start, start + size);
    offset = start + Math.ceil(size / BLOCK) * BLOCK;

    const path = longName ?? entryPath(header);
    longName = undefined;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === "L") {
      longName = text(bytes, 0, bytes.length);
    } else if (type === "0" || type === "\0") {
      if (files.has(path)) {
        throw new SyntaxError(
          `Cannot read the archive: "${path}" is in it twice`,
        );
      }
      files.set(path, { path, bytes });
    } else if (type !== "5") {
      throw new SyntaxError(
        `Cannot read the archive: "${path}" is of type "${type}", expected a regular file or a folder`,
      );
    }
  }
  throw new SyntaxError("Cannot read the archive: its end mark is missing");
}

function entryPath(header: Uint8Array): string {
  const name = text(header, 0, 100);
  // GNU archives ("ustar" and two spaces) keep times where POSIX has a prefix.
  const posix = text(header, 257, 6) === "ustar";
  const prefix = posix ? text(header, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function checkSum(header: Uint8Array, offset: number): void {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) {
    const inField = i >= 148 && i < 156;
    sum += inField ? 0x20 : header[i] ?? 0;
  }
  if (sum !== octal(header, 148, 8)) {
    throw new SyntaxError(
      `Cannot read the archive: the header at byte ${offset} has a wrong checksum`,
    );
  }
}

function octal(header: Uint8Array, start: number, length: number): number {
  const digits = text(header, start, length).trim();
  if (!/^[0-7]{1,11}$/.test(digits)) {
    throw new SyntaxError(
      `Cannot read the archive: "${digits}" is not an octal number`,
    );
  }
  return parseInt(digits, 8);
}

function text(bytes: Uint8Array, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return decoder.decode(end === -1 ? field : field.subarray(0, end));
}
