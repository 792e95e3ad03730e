// Own code because npm:negotiator is CommonJS: importing it loads the runtime's
// whole Node layer at the start of every program.

/** Whether an Accept header prefers HTML to JSON, as that of a browser does. */
export function prefersHtml(accept: string | null): boolean {
  return accept !== null &&
    weight(accept, "text", "html") > weight(accept, "application", "json");
}

/** The weight of a type: that of its most specific range (RFC 9110, 12.5.1). */
function weight(accept: string, type: string, subtype: string): number {
  const ranges = ["*/*", `${type}/*`, `${type}/${subtype}`];
  let best = -1;
  let quality = 0;
  for (const part of accept.split(",")) {
    const [range, ...params] = part.toLowerCase().split(";");
    const specificity = ranges.indexOf(range!.trim());
    if (specificity <= best) continue;
    best = specificity;
    quality = 1;
    for (const param of params) {
      const q = /^\s*q\s*=\s*(\d(?:\.\d+)?)\s*$/.exec(param);
      if (q !== null) quality = Number(q[1]);
    }
  }
  return quality;
}
