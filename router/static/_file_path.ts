/** Names that are devices to Windows, whatever follows the first dot. */
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])[ .]*(?:\.|$)/i;
/** What no name has, or what separates names on some system. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const FOREIGN = /[\x00-\x1f\x7f/\\]/;
/**
 * What Windows reads as another name: a drive, a stream of a file, a pattern,
 * and an end that it drops.
 */
const WINDOWS = /[:*?"<>|]|[. ]$/;
const LONGEST = 4096;

/** Which names a folder gives away. */
export interface NameRules {
  /** Whether names may start with a dot. */
  readonly dotfiles: boolean;
}

/**
 * The names below the root that a path asks for.
 *
 * Each part is decoded once, and has to be the name of one file on every
 * system: what climbs, is a device, or means another file elsewhere is no name.
 *
 * @param path Percent-encoded, without the prefix and its slash.
 * @returns null when it can be no file. An empty last name asks for a folder.
 */
export function namesOf(path: string, rules: NameRules): string[] | null {
  if (path.length > LONGEST) return null;
  const names: string[] = [];
  const parts = path.split("/");
  for (const [i, part] of parts.entries()) {
    const name = decode(part);
    const isLast = i === parts.length - 1;
    if (name === null || name === "" && !isLast) return null;
    if (name !== "" && !isName(name, rules)) return null;
    names.push(name);
  }
  return names;
}

function isName(name: string, { dotfiles }: NameRules): boolean {
  if (name === "." || name === "..") return false;
  if (FOREIGN.test(name) || DEVICE.test(name)) return false;
  if (Deno.build.os === "windows" && WINDOWS.test(name)) return false;
  // RFC 8615 has a place for what a site says of itself.
  return dotfiles || !name.startsWith(".") || name === ".well-known";
}

function decode(part: string): string | null {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
