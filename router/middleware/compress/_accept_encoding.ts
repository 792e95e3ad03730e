/** What a client takes: the weight of a coding, 0 when it is refused. */
export interface AcceptedEncodings {
  /** The best of those offered, or null when none is taken. */
  best(offered: readonly string[]): string | null;
  /** Whether the body may go out as it is. */
  readonly identity: boolean;
}

/**
 * Reads an Accept-Encoding header (RFC 9110, section 12.5.3). A malformed
 * weight counts as 0: what was not understood is not relied on.
 */
export function acceptedEncodings(header: string | null): AcceptedEncodings {
  const weights = new Map<string, number>();
  for (const part of (header ?? "").split(",")) {
    const [coding, ...params] = part.toLowerCase().split(";");
    const name = coding!.trim();
    if (name !== "") weights.set(name === "x-gzip" ? "gzip" : name, q(params));
  }
  const rest = weights.get("*");
  return {
    best(offered) {
      let best: string | null = null;
      let most = 0;
      for (const coding of offered) {
        const weight = weights.get(coding) ?? rest ?? 0;
        if (weight > most) [best, most] = [coding, weight];
      }
      // Who prefers the body as it is gets it as it is.
      return (weights.get("identity") ?? 0) > most ? null : best;
    },
    identity: (weights.get("identity") ?? rest ?? 1) > 0,
  };
}

function q(params: readonly string[]): number {
  for (const param of params) {
    const [name, value = ""] = param.split("=");
    if (name!.trim() !== "q") continue;
    return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(value.trim())
      ? Number(value)
      : 0;
  }
  return 1;
}
