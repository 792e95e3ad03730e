import type { MetricsFormat } from "./_text.ts";

/** Ranges that text is in, the one that counts most first. */
const TEXT_RANGES = ["text/plain", "text/*", "*/*"] as const;

/**
 * The format that a client wants: OpenMetrics where it is named and not liked
 * less than text.
 */
export function formatOf(accept: string | null): MetricsFormat {
  if (accept === null) return "text";
  const likes: Map<string, number> = new Map();
  for (const [type, q] of weights(accept)) {
    likes.set(type, Math.max(likes.get(type) ?? 0, q));
  }
  const open = likes.get("application/openmetrics-text") ?? 0;
  const range = TEXT_RANGES.find((type) => likes.has(type));
  const text = range === undefined ? 0 : likes.get(range)!;
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
