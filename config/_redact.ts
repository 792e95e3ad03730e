/** Longer messages of other libraries are cut: they may quote a whole file. */
const LENGTH = 500;

/** The name and password of every URL in a text are replaced. */
export function hideCredentials(text: string): string {
  return text.replaceAll(
    // Up to the last "@" before a quote: a wrong URL may hold spaces and more.
    /\b([a-z][a-z0-9+.-]*:\/\/)(?:\\"|[^"\n])*@/gi,
    "$1[secret]@",
  );
}

/** A value as errors show it: never what is inside of an object or list. */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value !== "string") return String(value);
  // Before it is cut: the "@" could be what is cut off. A name and password
  // may also stand without a scheme.
  const hidden = hideCredentials(JSON.stringify(value))
    .replace(/^"[^]*:[^]*@/, (all) => all.includes("://") ? all : '"[secret]@');
  return hidden.length > 80 ? `${hidden.slice(0, 80)}…` : hidden;
}

/** A message of somebody else, fit to be printed. */
export function tidy(message: string): string {
  const hidden = hideCredentials(message);
  return hidden.length > LENGTH ? `${hidden.slice(0, LENGTH)}…` : hidden;
}

/** Whether a name says that its value is not for eyes. */
export function isSecretName(name: string): boolean {
  return /pass(?:word|wd|phrase)?$|pwd$|secret|token|credential|(?:api|access|private|signing)[_-]?key/i
    .test(name);
}
