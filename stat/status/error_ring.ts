import { SegmentGroup } from "@oresty/shm";
import type { ErrorSink } from "../error_sinks.ts";
import { addGroup } from "../_groups.ts";
import { atStop } from "../_lifecycle.ts";
import { sayProblem } from "../_problem.ts";
import { kindOf, messageOf } from "../_thrown.ts";
import { ERROR_GROUP, ERROR_GROUP_SIZE, ErrorRing } from "./_error_memory.ts";

/** Errors that wait until the group is joined. */
const MOST_WAITING = 50;

interface Waiting {
  readonly kind: string;
  readonly message: string;
}

let ring: ErrorRing | undefined;
let joining: Promise<void> | undefined;
let waiting: Waiting[] = [];

/**
 * A sink that keeps the last errors of each isolate for the status page, the
 * texts cut to 800 bytes. They are in shared memory: the page shows those of an
 * isolate that is blocked or gone, too. An error that comes again is kept once,
 * with how often it came. Messages may hold what users have sent: the page that
 * shows them is for those who run the program.
 *
 * @returns Takes errors; it never throws.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 *
 * const remember = stat.errorRing();
 * remember(new RangeError("too large"));
 * await stat.stop();
 * ```
 */
export function errorRing(): ErrorSink {
  join();
  return (error, kind = kindOf(error)) => {
    const line = { kind, message: messageOf(error) };
    if (ring !== undefined) {
      ring.add(line.kind, line.message, Date.now());
      return;
    }
    waiting.push(line);
    if (waiting.length > MOST_WAITING) waiting.shift();
    join();
  };
}

function join(): void {
  if (joining !== undefined) return;
  let isEnded = false;
  let group: SegmentGroup | undefined;
  let forgetGroup = () => {};
  const joined = SegmentGroup.join(ERROR_GROUP, { size: ERROR_GROUP_SIZE })
    .then((made) => {
      if (isEnded) {
        made.close();
        return;
      }
      group = made;
      forgetGroup = addGroup(made);
      ring = ErrorRing.own(made.own);
      for (const { kind, message } of waiting) {
        ring.add(kind, message, Date.now());
      }
      waiting = [];
    }, (error) => {
      joining = undefined; // the next error tries again
      forget();
      sayProblem("errors are not kept for the status page", error);
    });
  joining = joined;
  const forget = atStop(async () => {
    isEnded = true;
    ring = joining = undefined;
    waiting = [];
    forgetGroup();
    group?.close();
    await joined;
  });
}
