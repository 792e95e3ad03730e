const HOST =
  /^(?:[A-Za-z0-9._~!$&'()*+,;=-]*|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?$/;

/**
 * Whether a Host header holds only a host and a port.
 *
 * Deno builds `request.url` by putting Host before the target, so that
 * `Host: a/admin` with `GET /x` would be routed as /admin/x.
 */
export function isHost(host: string): boolean {
  return HOST.test(host);
}

/**
 * Where the path starts in an absolute URL: at the first of "/", "?" and "#"
 * after the authority, which may also be its end.
 */
export function pathStart(href: string): number {
  for (let i = href.indexOf("://") + 3; i < href.length; i++) {
    const code = href.charCodeAt(i);
    if (code === 0x2f || code === 0x3f || code === 0x23) return i;
  }
  return href.length;
}

/** The path of an absolute URL as sent; "/" when there is none. */
export function pathOf(href: string): string {
  const start = pathStart(href);
  let end = start;
  while (end < href.length) {
    const code = href.charCodeAt(end);
    if (code === 0x3f || code === 0x23) break;
    end++;
  }
  return end === start ? "/" : href.slice(start, end);
}

/**
 * Decodes a path once, all but %2F and %25, which stay in upper case so that
 * they neither split a segment nor are decoded a second time.
 *
 * @throws {URIError} On an escape that is malformed or no UTF-8.
 */
export function normalizePath(path: string): string {
  if (!path.includes("%")) return path;
  return path.replace(/(?:%[0-9A-Fa-f]{2})+|%/g, decodeRun);
}

function decodeRun(run: string): string {
  if (run === "%") {
    throw new URIError(
      `Cannot decode path: "%" is not followed by two hexadecimal digits`,
    );
  }
  try {
    return decodeURIComponent(
      run.replace(/%(2f|25)/gi, (_, hex: string) => `%25${hex.toUpperCase()}`),
    );
  } catch {
    throw new URIError(`Cannot decode path: "${run}" is no UTF-8`);
  }
}

/** Gives a parameter the two characters that normalizePath left encoded. */
export function decodeRest(value: string): string {
  return value.replace(/%(?:2F|25)/g, (escape) => escape === "%25" ? "%" : "/");
}

/** Percent-encodes what a header cannot hold, and nothing else. */
export function encodeLocation(location: string): string {
  return location.replace(
    /[^\x21-\x7e]+/g,
    (text) => encodeURIComponent(text.toWellFormed()),
  );
}
