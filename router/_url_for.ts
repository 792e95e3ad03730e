import { normalizePath } from "./_path.ts";
import type { ParsedPattern, Piece } from "./_pattern.ts";
import { matchPieces } from "./_tree.ts";

type Values = Record<string, string | number>;

/**
 * Writes the path of a pattern.
 *
 * @param variants The pattern taken apart, case kept.
 * @throws {TypeError} When a parameter is missing, empty, unknown, not what its
 * constraint takes, or would not be read back as it is.
 */
export function writePath(
  pattern: string,
  variants: readonly ParsedPattern[],
  params: Values,
  query: Values,
): string {
  const refuse = (why: string): never => {
    throw new TypeError(`Cannot write the path of "${pattern}": ${why}`);
  };
  const names = variants[0]!.names;
  for (const name of Object.keys(params)) {
    if (!names.includes(name)) refuse(`it has no parameter "${name}"`);
  }
  const given = (name: string) =>
    Object.hasOwn(params, name) && params[name] !== undefined;
  // Only an optional last parameter makes a second variant, without it.
  const variant = variants.length === 2 && !given(names.at(-1)!)
    ? variants[1]!
    : variants[0]!;

  const value = (name: string): string => {
    if (!given(name)) refuse(`parameter "${name}" is missing`);
    const text = String(params[name]);
    if (!text.isWellFormed()) {
      refuse(`parameter "${name}" has half a surrogate pair`);
    }
    return text;
  };
  const encode = (name: string, text: string): string => {
    if (text === "." || text === "..") {
      // Every client would take it for a step in the path.
      refuse(`parameter "${name}" has the segment "${text}"`);
    }
    return encodeURIComponent(text);
  };
  const write = (piece: Piece): string => {
    if (piece.kind === "text") {
      return encodeURIComponent(piece.text)
        .replace(/%(?:40|3A|24|26|2B|2C|3B|3D)/g, decodeURIComponent);
    }
    const text = value(piece.name);
    if (text === "") refuse(`parameter "${piece.name}" is empty`);
    const { constraint } = piece;
    if (
      constraint !== null &&
      (text.length > constraint.maxLength || !constraint.regexp.test(text))
    ) {
      refuse(
        `parameter "${piece.name}" is "${text}", ` +
          `expected (${constraint.source})`,
      );
    }
    return encode(piece.name, text);
  };
  const writePieces = (pieces: readonly Piece[]): string => {
    const segment = pieces.map(write).join("");
    const given = pieces.filter((piece) => piece.kind === "param")
      .map((piece) => value(piece.name));
    // The text between two parameters may stand in their values as well.
    const read = given.length < 2
      ? given
      : matchPieces(pieces, normalizePath(segment), false);
    if (read === null || read.some((text, i) => text !== given[i])) {
      refuse(`"${segment}" would be read as other parameters`);
    }
    return segment;
  };
  const path = variant.segments.map((segment) => {
    if (segment.kind === "static") return encodeStatic(segment.text);
    if (segment.kind === "dynamic") return writePieces(segment.pieces);
    return value(segment.name).split("/")
      .map((step) => encode(segment.name, step)).join("/");
  }).join("/");
  // A client would take "//x" for the host "x".
  if (path.startsWith("/")) refuse(`"/${path}" is no path of this host`);
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, String(value)]),
  ).toString();
  return `/${path}${search === "" ? "" : `?${search}`}`;
}

/** Encodes a text that keeps %2F and %25 as they are. */
function encodeStatic(text: string): string {
  return text.split(/(%2F|%25)/).map((part, i) =>
    i % 2 === 1 ? part : encodeURI(part).replace(/[?#]/g, encodeURIComponent)
  ).join("");
}
