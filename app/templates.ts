import type { Templates } from "@oresty/router";
import { Eta } from "eta/core";
import { fileIn, folderUrl } from "./_folder.ts";

/** How a folder of templates is read. */
export interface FolderTemplatesOptions {
  /**
   * How names end; only such files are templates.
   *
   * @default {".html"}
   */
  extension?: string;
  /**
   * Whether a changed file is seen without a restart.
   *
   * @default {false}
   */
  reload?: boolean;
}

/**
 * Templates of a folder, in the language of Eta: `<%= it.name %>` is escaped,
 * `<%~ it.html %>` is raw, `<% if (it.ok) { %>` is code,
 * `<% layout("layout.html") %>` puts the result into a layout as
 * `<%~ it.body %>`, `<%~ include("part.html", it) %>` puts a part in.
 *
 * @param folder A `file:` URL, or a path relative to the working directory.
 * @param options How it is read.
 * @returns What the option `templates` of an app takes.
 * @throws {TypeError} When it is no local folder, or the extension is none.
 */
export function folderTemplates(
  folder: string | URL,
  options: FolderTemplatesOptions = {},
): Templates {
  const { extension = ".html", reload = false } = options;
  if (!/^\.[A-Za-z0-9.]+$/.test(extension)) {
    throw new TypeError(
      `Cannot use extension "${extension}" for templates: ` +
        `expected a dot and letters, such as ".html"`,
    );
  }
  return new FolderTemplates(folderUrl(folder, "template"), extension, reload);
}

class FolderTemplates implements Templates {
  readonly extension: string;
  readonly #folder: URL;
  readonly #known: Set<string> | null;
  readonly #eta: FolderEta;

  constructor(folder: URL, extension: string, reload: boolean) {
    this.#folder = folder;
    this.extension = extension;
    this.#known = reload ? null : new Set();
    this.#eta = new FolderEta(folder, extension, reload);
  }

  has(name: string): boolean {
    if (this.#known?.has(name)) return true;
    if (!isInside(name) || !name.endsWith(this.extension)) return false;
    try {
      if (!Deno.statSync(fileIn(this.#folder, name)).isFile) return false;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      return false;
    }
    this.#known?.add(name);
    return true;
  }

  render(name: string, data: unknown): string {
    return this.#eta.render(name, (data ?? {}) as object);
  }
}

/** Eta on Deno's own file functions: its default loads all of node:fs. */
class FolderEta extends Eta {
  constructor(folder: URL, extension: string, reload: boolean) {
    super({
      views: folder.pathname,
      defaultExtension: extension,
      cache: !reload,
      debug: reload,
    });
    this.resolvePath = (name) => {
      const plain = name.replace(/^(?:\.?\/)+/, "");
      const file = plain.endsWith(extension) ? plain : plain + extension;
      if (!isInside(file)) {
        throw new TypeError(
          `Cannot read template "${name}": expected a name inside the folder`,
        );
      }
      return file;
    };
    this.readFile = (name) => {
      try {
        return Deno.readTextFileSync(fileIn(folder, name));
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        throw new Error(`Cannot read template "${name}": no such file`, {
          cause: error,
        });
      }
    };
  }
}

/** Whether a name cannot leave the folder. */
function isInside(name: string): boolean {
  return !/(?:^|\/)\.\.?(?:\/|$)|^\/|[\\\0]/.test(name);
}
