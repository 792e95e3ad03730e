const TEXT = /^text\/|[+/](?:json|xml|yaml|javascript|ecmascript|toml)$/;
const OTHERS = new Set([
  "application/graphql",
  "application/manifest+json",
  "application/rtf",
  "application/sql",
  "application/vnd.ms-fontobject",
  "application/wasm",
  "application/x-httpd-php",
  "application/x-sh",
  "font/otf",
  "font/ttf",
  "image/bmp",
  "image/svg+xml",
  "image/x-icon",
]);

/**
 * Whether bodies of a media type get notably smaller. Not those of pictures,
 * films and archives, which are compressed already.
 *
 * @param type In lower case, without parameters.
 */
export function isCompressible(type: string): boolean {
  return TEXT.test(type) || OTHERS.has(type);
}

/** Types whose pieces must reach the client as they are written. */
export function mustFlow(type: string): boolean {
  return type === "text/event-stream" || type === "multipart/x-mixed-replace" ||
    type.startsWith("application/grpc");
}
