import { redactHeader, redactUrl, type SecretName } from "./_redact.ts";

/** Headers that curl makes itself. */
const OWN = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
]);

/**
 * The command that sends a request again, safe to paste into a POSIX shell. The
 * body is not in it: it is read from the standard input.
 */
export function curlCommand(request: Request, isSecret: SecretName): string {
  const { method, headers } = request;
  const parts = ["curl"];
  if (method === "HEAD") parts.push("--head");
  else if (method !== "GET") parts.push("-X", quote(method));
  // Brackets and braces in a URL are patterns to curl.
  parts.push("--globoff", quote(redactUrl(request.url, isSecret)));
  for (const [name, value] of headers) {
    if (OWN.has(name)) continue;
    const shown = redactHeader(name, value, isSecret);
    parts.push("-H", quote(shown === "" ? `${name};` : `${name}: ${shown}`));
  }
  if (headers.has("accept-encoding")) parts.push("--compressed");
  const length = headers.get("content-length");
  if (length !== null && length !== "0" || headers.has("transfer-encoding")) {
    parts.push("--data-binary", "@-");
  }
  return parts.join(" ");
}

/** One word of a shell, whatever is in it. */
function quote(text: string): string {
  return /^[A-Z]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
