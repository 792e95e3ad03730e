import type { MetricsFormat } from "./_text.ts";

/**
 * The format that a client wants: OpenMetrics where it is named and not liked
 * less than text.
 */
export function formatOf(accept: string | null): MetricsFormat {
  if (accept === null) return "text";
  let open = 0;
  let text = -1;
  for (const [type, q] of weights(accept)) {
    if (type === "application/openmetrics-text") open = Math.max(open, q);
    else if (type === "text/plain") text = Math.max(text, q);
  }
  return open > 0 && open >= text ? "openmetrics" : "text";
}

/** Whether a client takes a body that is compressed by gzip. */
export function takesGzip(encodings: string | null): boolean {
  if (encodings === null) return false;
  return weights(encodings).some(([name, q]) => name === "gzip" && q > 0);
}

function weights(field: string): [name: string, q: number][] {
  return field.split(",", 50).map((part) => {
    const [name = "", ...parameters] = part.split(";");
    const q = parameters.map((text) => /^\s*q=([\d.]+)\s*$/i.exec(text)?.[1])
      .find((value) => value !== undefined);
    return [name.trim().toLowerCase(), q === undefined ? 1 : Number(q)];
  });
}
