import { Type, WIDE_KEY } from "./_layout.ts";
import type { Packed } from "./_values.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const LONGEST_KEY = 131_072;
/** What `valueBytes` is of something that no memory can hold. */
const TOO_LARGE = 0x7fff_fff0;

/**
 * Key and value of one operation, on their way between JavaScript and a memory.
 * One isolate does one thing at a time: one scratch serves all of it.
 */
export class Scratch {
  words: Int32Array<ArrayBuffer> = new Int32Array(4096);
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(this.words.buffer);
  hash1 = 0;
  hash2 = 0;
  keyBytes = 0;
  keyWords = 0;
  /** `WIDE_KEY` or 0. */
  keyMeta = 0;
  type = 0;
  number = 0;
  valueBytes = 0;
  flags = 0;
  /** In milliseconds since 1970; 0 is never. */
  expiresAt = 0;

  /**
   * Puts a key at the start, and hashes it.
   *
   * @throws {TypeError} When it is no string.
   * @throws {RangeError} When it is too long.
   */
  key(key: string, seed: number): void {
    if (typeof key !== "string") {
      throw new TypeError(
        `Cannot use key "${String(key)}": expected a string`,
      );
    }
    const { length } = key;
    if (length > LONGEST_KEY) {
      throw new RangeError(
        `Cannot use a key of ${length} characters: expected ${LONGEST_KEY} ` +
          `at most`,
      );
    }
    this.#reserve(length * 2 + 4);
    const { bytes } = this;
    let hash1 = seed;
    let hash2 = seed ^ 0x5bd1e995;
    let all = 0;
    // Two hashes in one pass, two characters at a time: each step waits for the
    // one before. The constants are from MurmurHash3.
    let i = 0;
    for (; i < length - 1; i += 2) {
      const code = key.charCodeAt(i);
      const next = key.charCodeAt(i + 1);
      all |= code | next;
      bytes[i] = code;
      bytes[i + 1] = next;
      const pair = code | next << 16;
      hash1 = Math.imul(hash1 ^ pair, 0xcc9e2d51);
      hash1 = hash1 << 15 | hash1 >>> 17;
      hash2 = Math.imul(hash2 + pair, 0x1b873593);
      hash2 ^= hash2 >>> 13;
    }
    if (i < length) {
      const code = key.charCodeAt(i);
      all |= code;
      bytes[i] = code;
      hash1 = Math.imul(hash1 ^ code, 0xcc9e2d51);
      hash2 = Math.imul(hash2 + code, 0x1b873593);
    }
    this.hash1 = mix(hash1 ^ length);
    this.hash2 = mix(hash2 + length);
    if (all < 256) {
      this.keyMeta = 0;
      this.keyBytes = length;
    } else {
      this.#wide(key, 0);
      this.keyMeta = WIDE_KEY;
      this.keyBytes = length * 2;
    }
    for (let i = this.keyBytes; (i & 3) !== 0; i++) bytes[i] = 0;
    this.keyWords = this.keyBytes + 3 >> 2;
  }

  /**
   * Puts a value behind the key.
   *
   * @param most The bytes that can be kept: of more none is copied.
   */
  value(value: Packed, most: number): void {
    this.valueBytes = 0;
    switch (typeof value) {
      case "string":
        return this.#text(value, Type.string, most);
      case "number":
        this.type = Type.number;
        this.number = value;
        return;
      case "boolean":
        this.type = value ? Type.true : Type.false;
        return;
    }
    if (value === null) this.type = Type.null;
    else if (value instanceof Uint8Array) this.#data(value, Type.bytes, most);
    else if (typeof value.data === "string") {
      this.#text(value.data, value.type, most);
    } else this.#data(value.data, value.type, most);
  }

  #text(text: string, type: number, most: number): void {
    const { length } = text;
    this.type = type;
    if (length > most) {
      this.valueBytes = TOO_LARGE;
      return;
    }
    const start = this.keyWords * 4;
    if (type === Type.string && !text.isWellFormed()) {
      this.#reserve(start + length * 2 + 4);
      this.#wide(text, start);
      this.type = Type.string16;
      this.valueBytes = length * 2;
      return;
    }
    this.#reserve(start + length * 3 + 4);
    const { written } = encoder.encodeInto(text, this.bytes.subarray(start));
    this.valueBytes = written;
  }

  #data(data: Uint8Array, type: number, most: number): void {
    const { length } = data;
    this.type = type;
    if (length > most) {
      this.valueBytes = TOO_LARGE;
      return;
    }
    const start = this.keyWords * 4;
    this.#reserve(start + length + 4);
    this.bytes.set(data, start);
    this.valueBytes = length;
  }

  #wide(text: string, start: number): void {
    const { bytes } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      bytes[start + 2 * i] = code;
      bytes[start + 2 * i + 1] = code >> 8;
    }
  }

  /** Makes room for what is read; what is there may be lost. */
  reserveWords(count: number): void {
    this.#reserve(count * 4);
  }

  #reserve(bytes: number): void {
    if (bytes <= this.bytes.length) return;
    const words = new Int32Array(2 ** Math.ceil(Math.log2(bytes / 4)));
    words.set(this.words);
    this.words = words;
    this.bytes = new Uint8Array(words.buffer);
  }

  /** The text of bytes of UTF-8. */
  utf8(start: number, end: number): string {
    return decoder.decode(this.bytes.subarray(start, end));
  }

  /** The text of so many bytes of UTF-16 at the start. */
  utf16(length: number): string {
    const { bytes } = this;
    const codes: number[] = [];
    let text = "";
    for (let i = 0; i < length; i += 2) {
      codes.push(bytes[i]! | bytes[i + 1]! << 8);
      if (codes.length === 4096) {
        text += String.fromCharCode(...codes);
        codes.length = 0;
      }
    }
    return text + String.fromCharCode(...codes);
  }

  /** The text of so many bytes of Latin-1 at the start. */
  latin1(length: number): string {
    let text = "";
    for (let i = 0; i < length; i += 4096) {
      const part = this.bytes.subarray(i, Math.min(length, i + 4096));
      text += String.fromCharCode(...part);
    }
    return text;
  }
}

function mix(hash: number): number {
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ hash >>> 16;
}
