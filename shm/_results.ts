/** Why a change was not made. */
export type DictError =
  | "no memory"
  | "exists"
  | "not found"
  | "not a number"
  | "value not a list"
  | "changed";

/** What came of a change. */
export interface DictResult {
  /** Whether it was made. */
  readonly ok: boolean;
  /** Why not. */
  readonly err?: DictError;
  /** Whether entries that had not expired were forgotten for it. */
  readonly forcible: boolean;
}

/** What came of an `incr`. */
export interface IncrResult extends DictResult {
  /** The number it is now. */
  readonly value?: number;
}

/** What came of a push. */
export interface PushResult extends DictResult {
  /** Elements there are now; 0 when nothing was pushed. */
  readonly length: number;
}

const DONE: DictResult = { ok: true, forcible: false };
const FORCED: DictResult = { ok: true, forcible: true };

/** The result of a change that was made. */
export function done(forcible: boolean): DictResult {
  return forcible ? FORCED : DONE;
}

/** The result of a change that was not made. */
export function failed(err: DictError, forcible = false): DictResult {
  return { ok: false, err, forcible };
}
