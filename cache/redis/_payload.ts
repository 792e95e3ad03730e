import type { NewValue, StoredValue } from "../third_tier.ts";
import { checkedEpoch, freshTime, graceTime } from "../_tier_times.ts";
import { Buffer } from "node:buffer";

/** A value as it is stored: `o1:EPOCH:GRACE:` and its bytes. */
export interface Payload {
  readonly bytes: Buffer;
  /** Milliseconds until it is gone; 0 is never. */
  readonly life: number;
}

/** Puts the header before a value. */
export function pack(epoch: number, value: NewValue): Payload {
  const fresh = freshTime(value.fresh);
  const grace = graceTime(value.grace);
  const header = `o1:${checkedEpoch(epoch)}:${grace}:`;
  const { buffer, byteOffset, byteLength } = value.data;
  const isForever = fresh === 0 || value.fresh === Infinity;
  return {
    bytes: Buffer.concat([
      Buffer.from(header, "latin1"),
      Buffer.from(buffer, byteOffset, byteLength),
    ]),
    life: isForever ? 0 : fresh + grace,
  };
}

/** The longest header: two numbers of 16 digits. */
const HEADER_BYTES = 40;
const HEADER = /^o1:(\d{1,16}):(\d{1,16}):/;

/**
 * Takes a stored value apart.
 *
 * @param stored What the server gave; anything but bytes or text is nothing.
 * @param left Milliseconds until it is gone; -1 is never.
 */
export function unpack(
  stored: unknown,
  left: number,
  epoch: number,
): StoredValue | undefined {
  let bytes: Uint8Array;
  if (stored instanceof Uint8Array) bytes = stored;
  else if (typeof stored === "string") bytes = fromText(stored);
  else return undefined;
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString("latin1", 0, HEADER_BYTES);
  const match = HEADER.exec(start);
  if (match === null || Number(match[1]) !== epoch) return undefined;
  // A copy: the driver's buffer may be a slice of a much greater one.
  const data = new Uint8Array(bytes.subarray(match[0].length));
  const fresh = left === -1 ? Infinity : (left - Number(match[2])) / 1000;
  return { data, fresh };
}

/** Bytes as text in ASCII, for clients that give none. */
export function toText(bytes: Buffer): string {
  return bytes.toString("latin1").replaceAll(
    /[%\u0080-\u00ff]/g,
    (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

function fromText(text: string): Buffer {
  const plain = text.includes("%")
    ? text.replaceAll(
      /%([\da-f]{2})/g,
      (_, digits: string) => String.fromCharCode(parseInt(digits, 16)),
    )
    : text;
  return Buffer.from(plain, "latin1");
}
