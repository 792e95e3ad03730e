/** What is kept of a session, as JSON. */
interface Envelope {
  /** When it was saved, in seconds since 1970. */
  saved: number;
  data: Record<string, unknown>;
}

/** A session as it came from the store. */
export interface Stored {
  readonly id: string;
  readonly saved: number;
  readonly data: Record<string, unknown>;
}

/** Values as JSON by name: what tells later whether they changed. */
export type Snapshot = ReadonlyMap<string, string>;

/** Values as they are now; one that JSON does not have is none. */
export function snapshotOf(values: ReadonlyMap<string, unknown>): Snapshot {
  const texts = new Map<string, string>();
  for (const [name, value] of values) {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined) texts.set(name, text);
  }
  return texts;
}

/** Names whose values differ. */
export function changed(before: Snapshot, after: Snapshot): string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name));
}

/** Writes a session for the store. */
export function pack(data: ReadonlyMap<string, unknown>, now: number): string {
  return JSON.stringify(
    { saved: now, data: Object.fromEntries(data) } satisfies Envelope,
  );
}

/**
 * Reads what a store gave.
 *
 * @returns undefined when it is no session.
 */
export function unpack(id: string, text: string): Stored | undefined {
  let envelope: Partial<Envelope> | null;
  try {
    envelope = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof envelope !== "object" || envelope === null) return undefined;
  const { saved, data } = envelope;
  return typeof saved === "number" && typeof data === "object" && data !== null
    ? { id, saved, data }
    : undefined;
}

/** 256 random bits, as text for a cookie. */
export function newId(): string {
  return crypto.getRandomValues(new Uint8Array(32))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}
