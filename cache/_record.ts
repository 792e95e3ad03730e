import type { CacheSerializer } from "./options.ts";

/** A value with what is known of it. */
export interface CacheRecord {
  /** `null` is known absent. */
  readonly value: unknown;
  /** How long it took to load, in milliseconds. */
  readonly loadMs: number;
  /** Until when it is fresh, in milliseconds since 1970; 0 is for ever. */
  readonly freshUntil: number;
  /** The gap of its time: of another one it is stale. */
  readonly gap: number;
  /** Its tags, with what their versions were. */
  readonly tags: readonly (readonly [name: string, version: number])[];
}

/*
 * 24 bytes, then tags as JSON, then the value:
 *
 *   0  u8   format
 *   1  u8   type of the value
 *   2  u16  0
 *   4  u32  loadMs
 *   8  f64  freshUntil
 *  16  u32  gap
 *  20  u32  bytes of tags
 */
const HEADER = 24;
const FORMAT = 1;
const FRESH_AT = 8;
const Type = {
  absent: 0,
  json: 1,
  text: 2,
  bytes: 3,
  ownText: 4,
  ownBytes: 5,
} as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const NO_TAGS: CacheRecord["tags"] = [];

/** Bytes that are kept for the next record. */
const MOST_KEPT = 2 ** 20;
// One isolate writes one record at a time.
let scratch = new Uint8Array(0);
let view = new DataView(scratch.buffer);

/**
 * Writes a record.
 *
 * @returns Bytes that are good until the next one is written.
 * @throws {TypeError} When the value has no JSON, and there is no serializer.
 */
export function encodeRecord(
  record: CacheRecord,
  serializer: CacheSerializer | undefined,
): Uint8Array<ArrayBuffer> {
  const { value, tags } = record;
  const [type, data] = typed(value, serializer);
  const tagText = tags.length === 0 ? "" : JSON.stringify(tags);
  // A character is three bytes at most.
  const most = typeof data === "string" ? data.length * 3 : data.length;
  reserve(HEADER + tagText.length * 3 + most);
  const tagBytes = tagText === "" ? 0 : put(tagText, HEADER);
  const start = HEADER + tagBytes;
  let length: number;
  if (typeof data === "string") length = put(data, start);
  else {
    scratch.set(data, start);
    length = data.length;
  }
  scratch[0] = FORMAT;
  scratch[1] = type;
  view.setUint16(2, 0);
  view.setUint32(4, Math.min(0xffffffff, record.loadMs));
  view.setFloat64(FRESH_AT, record.freshUntil);
  view.setUint32(16, record.gap);
  view.setUint32(20, tagBytes);
  return scratch.subarray(0, start + length);
}

/**
 * Reads a record; undefined when it is none, or of another format.
 *
 * @throws {TypeError} When it was written by a serializer, and there is none.
 */
export function decodeRecord(
  bytes: Uint8Array<ArrayBuffer>,
  serializer: CacheSerializer | undefined,
): CacheRecord | undefined {
  if (bytes.length < HEADER || bytes[0] !== FORMAT) return undefined;
  const { buffer, byteOffset, byteLength } = bytes;
  const head = new DataView(buffer, byteOffset, byteLength);
  const start = HEADER + head.getUint32(20);
  if (start > bytes.length) return undefined;
  return {
    value: valueOf(bytes[1]!, bytes.subarray(start), serializer),
    loadMs: head.getUint32(4),
    freshUntil: head.getFloat64(FRESH_AT),
    gap: head.getUint32(16),
    tags: start === HEADER
      ? NO_TAGS
      : JSON.parse(decoder.decode(bytes.subarray(HEADER, start))),
  };
}

/** Until when a written record is fresh, and of which gap it is. */
export function readTimes(
  bytes: Uint8Array,
): { readonly freshUntil: number; readonly gap: number } {
  const { buffer, byteOffset, byteLength } = bytes;
  const head = new DataView(buffer, byteOffset, byteLength);
  return { freshUntil: head.getFloat64(FRESH_AT), gap: head.getUint32(16) };
}

/** Changes until when a written record is fresh, in place. */
export function setFreshUntil(bytes: Uint8Array, until: number): void {
  const { buffer, byteOffset, byteLength } = bytes;
  new DataView(buffer, byteOffset, byteLength).setFloat64(FRESH_AT, until);
}

function typed(
  value: unknown,
  serializer: CacheSerializer | undefined,
): [type: number, data: string | Uint8Array] {
  if (value === null) return [Type.absent, ""];
  if (serializer !== undefined) {
    const data = serializer.encode(value);
    if (typeof data === "string") return [Type.ownText, data];
    if (data instanceof Uint8Array) return [Type.ownBytes, data];
    throw new TypeError(
      `Cannot keep a value: the option "serializer" gave "${typeof data}", ` +
        `expected a text or a Uint8Array`,
    );
  }
  if (value instanceof Uint8Array) return [Type.bytes, value];
  // A lone surrogate has no UTF-8; JSON writes it as an escape.
  if (typeof value === "string" && value.isWellFormed()) {
    return [Type.text, value];
  }
  return [Type.json, jsonOf(value)];
}

function valueOf(
  type: number,
  data: Uint8Array<ArrayBuffer>,
  serializer: CacheSerializer | undefined,
): unknown {
  switch (type) {
    case Type.absent:
      return null;
    case Type.json:
      return JSON.parse(decoder.decode(data));
    case Type.text:
      return decoder.decode(data);
    case Type.bytes:
      return data.slice();
  }
  if (serializer === undefined) {
    throw new TypeError(
      "Cannot read a value: it was written by a serializer, expected the " +
        'option "serializer"',
    );
  }
  return serializer.decode(
    type === Type.ownText ? decoder.decode(data) : data.slice(),
  );
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
  if (text === undefined) {
    throw new TypeError(
      `Cannot keep a value of type "${typeof value}": expected what JSON can ` +
        `hold, a Uint8Array, or the option "serializer"`,
      { cause },
    );
  }
  return text;
}

function put(text: string, start: number): number {
  return encoder.encodeInto(text, scratch.subarray(start)).written;
}

function reserve(bytes: number): void {
  // One large value is no reason to keep so much memory for ever.
  if (bytes <= scratch.length && scratch.length <= MOST_KEPT) return;
  scratch = new Uint8Array(2 ** Math.ceil(Math.log2(Math.max(4096, bytes))));
  view = new DataView(scratch.buffer);
}
