import { LRUCache } from "lru-cache";
import { fileBytes, type Sought, tryFile } from "./_file_body.ts";

/** A file that may be given away. */
export interface Found extends Sought {
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly modified: number;
  /** When anything of it changed, its rights too; 0 where nobody knows. */
  readonly changed: number;
  /** Its entity tag; a strong one. */
  readonly etag: string;
  /** `modified` as HTTP has it. */
  readonly lastModified: string;
  /** Whether it is a folder and no file. */
  readonly isFolder: boolean;
}

/** Bytes of all known files together. */
const MOST = 33_554_432;
/** Bytes of a file that is held as a whole. */
const LARGEST = 262_144;
/** Bytes that are counted for a file beside its own. */
const OVERHEAD = 1024;
/** A change within a tick of the file system's clock leaves no trace. */
const SETTLED = 2000;

interface Known {
  readonly found: Found;
  readonly bytes: Uint8Array<ArrayBuffer> | null;
}

/** The folder that files come out of. */
export class Folder {
  /** Its path, as the system knows it. */
  readonly root: string;
  readonly #symlinks: boolean;
  readonly #known: LRUCache<string, Known> = new LRUCache({
    maxSize: MOST,
    sizeCalculation: ({ bytes }: Known) => OVERHEAD + (bytes?.length ?? 0),
  });

  /**
   * @param symlinks Whether links are followed, also out of the folder.
   * @throws {TypeError} When there is no such folder.
   * @throws {Deno.errors.NotCapable} When it may not be read.
   */
  constructor(root: string, symlinks: boolean) {
    this.root = realFolder(root);
    this.#symlinks = symlinks;
  }

  /**
   * Looks up a file or folder. It is done at once, as a look into memory: the
   * way through the pool of threads would take ten times as long.
   *
   * @returns The same object for as long as the file does not change; null when
   * there is none, it is neither, or a link leads to it.
   */
  find(names: readonly string[]): Found | null {
    const path = `${this.root}/${names.join("/")}`.replace(/\/$/, "");
    try {
      const info = this.#symlinks ? Deno.statSync(path) : Deno.lstatSync(path);
      // A pipe would make who opens it wait.
      if (!info.isFile && !info.isDirectory) return null;
      const known = this.#known.get(path);
      if (known !== undefined && isSame(known.found, info)) {
        return known.found;
      }
      const found = foundOf(path, info);
      // A link on the way shows in the path as the system knows it.
      if (!this.#symlinks && !isPath(Deno.realPathSync(path), path)) {
        return null;
      }
      // Without an inode a link could lead to another file of the same time.
      if (found.inode !== 0) this.#known.set(path, { found, bytes: null });
      return found;
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  /**
   * All bytes of a small file, for as long as it is the same: to read 64 KiB
   * anew takes a third of a request's time.
   *
   * @returns null when it is too large to be held at once.
   * @throws {Error} When it cannot be read, or is another by now.
   */
  read(found: Found): Uint8Array<ArrayBuffer> | null {
    const { path, size } = found;
    if (size > LARGEST) {
      tryFile(found);
      return null;
    }
    const known = this.#known.get(path);
    const isKnown = known?.found === found;
    if (isKnown && known.bytes !== null) return known.bytes;
    const bytes = fileBytes(found, size);
    const age = Date.now() - Math.max(found.modified, found.changed);
    if (isKnown && age > SETTLED) this.#known.set(path, { found, bytes });
    return bytes;
  }
}

function foundOf(path: string, info: Deno.FileInfo): Found {
  const { size, mtime, ctime } = info;
  const modified = mtime?.getTime() ?? 0;
  return {
    path,
    size,
    modified,
    changed: ctime?.getTime() ?? 0,
    inode: info.ino ?? 0,
    device: info.dev,
    etag: `"${modified.toString(36)}-${size.toString(36)}"`,
    lastModified: new Date(modified).toUTCString(),
    isFolder: info.isDirectory,
  };
}

function isSame(found: Found, info: Deno.FileInfo): boolean {
  return found.modified === info.mtime?.getTime() &&
    found.changed === (info.ctime?.getTime() ?? 0) &&
    found.inode === info.ino && found.device === info.dev &&
    found.size === info.size &&
    found.isFolder === info.isDirectory;
}

function isPath(real: string, path: string): boolean {
  return real === path || Deno.build.os === "windows" &&
      real.replaceAll("\\", "/").toLowerCase() ===
        path.replaceAll("\\", "/").toLowerCase();
}

/** Whether it is the client's error: no such file, or nobody may read it. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.FilesystemLoop ||
    error instanceof Deno.errors.PermissionDenied ||
    // A name that is longer than the file system's.
    error instanceof Deno.errors.InvalidData ||
    error instanceof Error && /ENAMETOOLONG|os error (?:36|63|206)\b/.test(
        `${(error as { code?: unknown }).code} ${error.message}`,
      );
}

function realFolder(root: string): string {
  try {
    if (Deno.statSync(root).isDirectory) {
      return Deno.realPathSync(root).replace(/[\\/]$/, "");
    }
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  throw new TypeError(
    `Cannot serve files of "${root}": expected a folder that can be read`,
  );
}
