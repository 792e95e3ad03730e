import { readBounded } from "./_bounded.ts";
import { PublishError } from "./_package_version.ts";
import { readTar } from "./_tar.ts";

/** JSR's own limit for a package. */
const PACKAGE_LIMIT = 20 * 1024 * 1024;
const ENTRIES_LIMIT = 10_000;
/** Headers and padding take up to two blocks an entry. */
const ARCHIVE_LIMIT = PACKAGE_LIMIT + (ENTRIES_LIMIT + 2) * 1024;

/**
 * Unpacks what `deno publish` sends: a gzip-compressed tar archive.
 *
 * @returns The files by path; paths start with "/".
 * @throws {PublishError} when the archive is damaged or too large.
 */
export async function readUpload(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  try {
    const packed = await readBounded(body, PACKAGE_LIMIT, "the upload");
    const unpacked = new Blob([packed]).stream()
      .pipeThrough(new DecompressionStream("gzip"));
    const archive = await readBounded(unpacked, ARCHIVE_LIMIT, "the archive");
    const limits = { entries: ENTRIES_LIMIT, bytes: PACKAGE_LIMIT };
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    for (const { path, bytes } of readTar(archive, limits)) {
      files.set(path.replace(/^(\.?\/)?/, "/"), bytes);
    }
    return files;
  } catch (error) {
    if (error instanceof RangeError) {
      throw new PublishError("packageTooLarge", error.message);
    }
    // DecompressionStream reports damage as a TypeError.
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw new PublishError("invalidTarball", error.message);
    }
    throw error;
  }
}
