import type { Segment, SegmentGroup } from "@oresty/shm";
import { atStop } from "./_lifecycle.ts";

/** For so long the numbers of an isolate stand still, in milliseconds. */
const QUIET = 2000;
/** How often that is waited for. */
const MOST_WAITS = 5;

/**
 * Lets the next isolate go on with the memory of one that has ended, once its
 * numbers stand still: the runtime tells the end of a thread before it has come.
 * Until its turn is done it counts on, and two who count in one place lose
 * numbers. One that does not come to rest keeps its memory.
 */
export function releaseWhenQuiet(group: SegmentGroup, isolate: number): void {
  let waits = 0;
  let last = NaN;
  const look = () => {
    const now = hashOf(group.segments, isolate);
    if (now === last) group.release(isolate);
    else if (waits++ < MOST_WAITS) {
      last = now;
      timer = wait(look);
      return;
    } else group.retire(isolate);
    forget();
  };
  let timer = wait(look);
  const forget = atStop(() => {
    clearTimeout(timer);
    group.retire(isolate);
  });
}

function wait(then: () => void): ReturnType<typeof setTimeout> {
  const timer = setTimeout(then, QUIET);
  Deno.unrefTimer(timer);
  return timer;
}

/** The segments that an isolate wrote, and has not left in order. */
export function liveSegments(
  segments: readonly Segment[],
  isolate: number,
): Segment[] {
  return segments.filter(({ owner, state }) =>
    owner === isolate && state === "live"
  );
}

/** Of all numbers of an isolate: it changes with each of them. */
function hashOf(segments: readonly Segment[], isolate: number): number {
  let hash = 0;
  for (const { words } of liveSegments(segments, isolate)) {
    for (let i = 0; i < words.length; i++) {
      hash = Math.imul(hash ^ words[i]!, 0x01000193);
    }
  }
  return hash;
}
