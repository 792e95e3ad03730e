import { Type } from "./_layout.ts";
import type { Scratch } from "./_scratch.ts";

/** Turns values that are none of the native ones into texts or bytes. */
export interface ValueSerializer {
  /** Gives text or bytes for a value. */
  encode(value: unknown): string | Uint8Array;
  /** The value again; of text as text, of bytes as bytes. */
  decode(data: string | Uint8Array<ArrayBuffer>): unknown;
}

/** A value that is kept as it is, or what stands for it. */
export type Packed =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | { readonly type: number; readonly data: string | Uint8Array };

const encoder = new TextEncoder();
const TEXT = 116;
const BYTES = 98;

/**
 * What stands for a value in a memory. Code of others runs here, and may use
 * the dictionary itself: nothing of an operation may be in the scratch yet.
 *
 * @throws {TypeError} When it cannot be kept.
 */
export function pack(
  value: unknown,
  serializer: ValueSerializer | undefined,
): Packed {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
  }
  if (value === null || value instanceof Uint8Array) return value;
  if (serializer === undefined) {
    // JSON would write them, and lose all that is in them.
    if (
      ArrayBuffer.isView(value) || value instanceof ArrayBuffer ||
      value instanceof SharedArrayBuffer || value instanceof Map ||
      value instanceof Set || value instanceof Promise
    ) throw unkept(value.constructor.name);
    return { type: Type.json, data: jsonOf(value) };
  }
  const encoded: unknown = serializer.encode(value);
  // The first byte tells text from bytes.
  if (typeof encoded === "string") {
    return { type: Type.custom, data: encoder.encode(`t${encoded}`) };
  }
  if (!(encoded instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot keep a value: its serializer gave "${typeof encoded}", ` +
        `expected a string or Uint8Array`,
    );
  }
  const data = new Uint8Array(encoded.length + 1);
  data[0] = BYTES;
  data.set(encoded, 1);
  return { type: Type.custom, data };
}

/** @throws {TypeError} When a value has no JSON. */
function jsonOf(value: unknown): string {
  let text: string | undefined;
  let cause: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (text === undefined) throw unkept(typeof value, cause);
  return text;
}

function unkept(type: string, cause?: unknown): TypeError {
  return new TypeError(
    `Cannot keep a value of type "${type}": expected a string, number, ` +
      `boolean, null, Uint8Array, or what JSON can hold; for others there is ` +
      `the option "serializer"`,
    { cause },
  );
}

/** The value whose bytes were read to the start of a scratch. */
export function unpack(
  from: Scratch,
  serializer: ValueSerializer | undefined,
): unknown {
  const { type, valueBytes } = from;
  switch (type) {
    case Type.string:
      return from.utf8(0, valueBytes);
    case Type.number:
      return from.number;
    case Type.true:
      return true;
    case Type.false:
      return false;
    case Type.null:
      return null;
    case Type.json:
      return JSON.parse(from.utf8(0, valueBytes));
    case Type.string16:
      return from.utf16(valueBytes);
    case Type.bytes:
      return from.bytes.slice(0, valueBytes);
    case Type.custom:
      if (serializer === undefined) {
        throw new TypeError(
          "Cannot read a value: it was written by a serializer, expected " +
            `the option "serializer"`,
        );
      }
      return from.bytes[0] === TEXT
        ? serializer.decode(from.utf8(1, valueBytes))
        : serializer.decode(from.bytes.slice(1, valueBytes));
    default:
      return undefined;
  }
}
