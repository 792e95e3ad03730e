/**
 * A folder of the program as a URL that ends in a slash.
 *
 * @param folder A `file:` URL, or a path, relative to the working directory.
 * @param what What it holds, for the error.
 * @throws {TypeError} When it is no local folder.
 */
export function folderUrl(folder: string | URL, what: string): URL {
  let url: URL;
  if (folder instanceof URL) url = new URL(folder);
  else if (/^[a-z][a-z\d+.-]+:/i.test(folder)) url = new URL(folder);
  else url = new URL(fileUrlText(folder));
  if (url.protocol !== "file:") {
    throw new TypeError(
      `Cannot read ${what} from "${folder}": expected a local folder, ` +
        `such as new URL("./${what}/", import.meta.url) of a local module`,
    );
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function fileUrlText(path: string): string {
  // A working directory is asked for only when it is needed: it takes the
  // permission to read.
  const absolute = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
  const encoded = absolute.split("/").map(encodeURIComponent).join("/");
  return `file://${encoded}`;
}

/**
 * A file below a folder.
 *
 * The path is set, not resolved: "a:b.ts" would be resolved as a URL of its own.
 * What a URL may hold as it is, such as the brackets of `[id].ts`, stays, so
 * that the module has the name that Deno's own watcher gives it.
 */
export function fileIn(folder: URL, name: string): URL {
  const url = new URL(folder);
  url.pathname += name.replaceAll("%", "%25");
  return url;
}
