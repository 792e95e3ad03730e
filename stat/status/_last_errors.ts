import { SegmentGroup } from "@oresty/shm";
import {
  ERROR_GROUP,
  ERROR_GROUP_SIZE,
  type KeptError,
  readErrors,
} from "./_error_memory.ts";
import { Names } from "./_series_names.ts";
import { type Span, sum } from "./_span.ts";

/** Errors of a kind. */
export interface ErrorKind {
  readonly kind: string | null;
  /** Since the start of the process. */
  readonly total: number;
  /** Those of the last minute, a second. */
  readonly perSecond: number;
}

/** An error and where it was. */
export interface LastError extends KeptError {
  /** The `isolateNumber()` of who kept it. */
  readonly isolate: number;
}

/** What went wrong. */
export interface Errors {
  readonly total: number;
  readonly kinds: readonly ErrorKind[];
  /** The newest first. */
  readonly last: readonly LastError[];
}

const MOST_KINDS = 20;
const MOST_LAST = 50;

/** Reads the errors that all isolates have kept. */
export class LastErrors implements Disposable {
  readonly #group: SegmentGroup;

  private constructor(group: SegmentGroup) {
    this.#group = group;
  }

  /** Finds the others. */
  static async join(): Promise<LastErrors> {
    return new LastErrors(
      await SegmentGroup.join(ERROR_GROUP, { size: ERROR_GROUP_SIZE }),
    );
  }

  /** What went wrong; null when nobody counts errors or keeps them. */
  look(minute: Span): Errors | null {
    const gains = minute.gains(Names.errors);
    const kept = this.#group.segments.flatMap((segment) =>
      readErrors(segment).map((error) => ({ ...error, isolate: segment.owner }))
    );
    if (gains === undefined && kept.length === 0) return null;
    return {
      total: sum((gains ?? []).map(({ total }) => total)),
      kinds: (gains ?? [])
        .map(({ labels: { kind = null }, value, total }) => ({
          ...{ kind, total, perSecond: minute.rate(value) },
        }))
        .sort((a, b) => b.perSecond - a.perSecond || b.total - a.total)
        .slice(0, MOST_KINDS),
      last: kept.sort((a, b) => b.time - a.time).slice(0, MOST_LAST),
    };
  }

  [Symbol.dispose](): void {
    this.#group.close();
  }
}
