import { checkedEpoch, freshTime, graceTime } from "../_tier_times.ts";
import type { NewValue, StoredValue } from "../third_tier.ts";
import type { MongoDocument } from "./_collection.ts";

/** Later than any time that is counted: it never comes. */
const NEVER = 8_000_000_000_000_000;

/** Milliseconds that a document outlives its lock and its value. */
export const KEPT_MS = 60_000;

/** How often a change that met another one is tried. */
export const ATTEMPTS = 5;

/** Gives a lock back. */
export const FREE = { $set: { token: "", lockUntil: 0 } };

/** What a value is in a document, at a time. */
export function fieldsOf(
  epoch: number,
  value: NewValue,
): (now: number) => MongoDocument {
  checkedEpoch(epoch);
  const fresh = freshTime(value.fresh);
  const grace = graceTime(value.grace);
  const isForever = fresh === 0 || value.fresh === Infinity;
  return (now) => {
    const staleAt = isForever ? NEVER : now + fresh;
    const goneAt = isForever ? NEVER : staleAt + grace;
    return {
      data: value.data,
      epoch,
      staleAt,
      goneAt,
      expireAt: new Date(isForever ? NEVER : goneAt + KEPT_MS),
      token: "",
      lockUntil: 0,
    };
  };
}

export function valueOf(
  found: MongoDocument | undefined,
  epoch: number,
  now: number,
): StoredValue | undefined {
  if (found === undefined || number(found, "epoch", -1) !== epoch) {
    return undefined;
  }
  // The index deletes about once a minute.
  if (number(found, "goneAt") <= now) return undefined;
  const data = bytesOf(found["data"]);
  if (data === undefined) return undefined;
  const staleAt = number(found, "staleAt");
  const fresh = staleAt >= NEVER ? Infinity : (staleAt - now) / 1000;
  return { data, fresh };
}

/** Bytes, or the driver's `Binary`, whose buffer may be longer than it. */
function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (typeof value !== "object" || value === null) return undefined;
  const { buffer, position } = value as {
    buffer?: unknown;
    position?: unknown;
  };
  if (!(buffer instanceof Uint8Array)) return undefined;
  return new Uint8Array(buffer.subarray(0, Number(position)));
}

/** Numbers may come as `Long` when the collection's owner wants them so. */
export function number(
  found: MongoDocument | null | undefined,
  field: string,
  absent = 0,
): number {
  const value = found?.[field];
  return value === undefined || value === null ? absent : Number(value);
}

export function fenceOf(found: MongoDocument): number {
  return number(found, "base") + number(found, "count");
}

/** Version 5 of the driver wraps the document. */
export function document(answer: unknown): MongoDocument | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const found = answer as MongoDocument;
  if ("lastErrorObject" in found) return document(found["value"]);
  return found;
}

export function isDuplicate(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 11000;
}

/** Of two that insert at once one is refused, and finds a document then. */
export async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isDuplicate(error) || attempt === ATTEMPTS) throw error;
    }
  }
}
