import type { SegmentGroup } from "@oresty/shm";

/** Groups beside the registry's in which isolates have something to leave. */
const groups: Set<SegmentGroup> = new Set();

/** Lets a group know of isolates that have ended; gives what forgets it. */
export function addGroup(group: SegmentGroup): () => void {
  groups.add(group);
  return () => {
    groups.delete(group);
  };
}

/** The groups that want to know of isolates that have ended. */
export function furtherGroups(): readonly SegmentGroup[] {
  return [...groups];
}
