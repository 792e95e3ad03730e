import { blocksFor, type Entries } from "./_entries.ts";
import { BLOCK, Element, Entry, Type } from "./_layout.ts";
import { type DictError, failed, type PushResult } from "./_results.ts";
import type { Scratch } from "./_scratch.ts";
import type { Store } from "./_store.ts";
import type { Packed } from "./_values.ts";

function refused(err: DictError): PushResult {
  return { ...failed(err), length: 0 };
}

/**
 * Puts a value at an end of a list. As in nginx nothing is forgotten for it
 * that has not expired.
 */
export function push(
  store: Store,
  key: string,
  value: Packed,
  isLeft: boolean,
): PushResult {
  store.seek(key);
  const { key: scratch, mostBytes } = store;
  scratch.value(value, mostBytes);
  // The scratch says what the head of the list is from here on.
  const { type, number, valueBytes } = scratch;
  scratch.type = Type.list;
  scratch.number = 0;
  scratch.valueBytes = 0;
  const valueWords = valueBytes + 3 >> 2;
  const blocks = blocksFor(valueWords, BLOCK - Element.payload);
  return store.locked((entries) => {
    const { words, doubles } = entries;
    const head = headFor(entries, blocks, Date.now());
    if (typeof head === "string") return refused(head);
    const element = entries.take(blocks);
    const at = entries.at(element);
    words[at + Element.meta] = type;
    words[at + Element.valueBytes] = valueBytes;
    words[at + Element.blocks] = blocks;
    doubles[at + Element.number >> 1] = number;
    entries.copyIn(at, Element.payload, scratch.keyWords, valueWords);
    link(entries, head, element, at, isLeft);
    const length = words[head + Entry.length]! + 1;
    words[head + Entry.length] = length;
    store.changed();
    return { ok: true, length, forcible: false };
  });
}

/**
 * The word at which the list of the scratch's key starts, made where there is
 * none, once there are blocks for an element too; else why not.
 */
function headFor(
  entries: Entries,
  blocks: number,
  now: number,
): number | DictError {
  const { words } = entries;
  if (blocks > entries.most) return "no memory";
  const found = entries.find();
  const isThere = found !== 0 && !entries.isExpired(found, now);
  if (isThere) {
    if (!entries.isList(found)) return "value not a list";
    if (!entries.reserveSafe(blocks, now, found)) return "no memory";
    entries.toHead(found);
    return entries.at(found);
  }
  const needed = entries.needed();
  if (found !== 0) entries.remove(found);
  if (
    needed > entries.most || !entries.reserveSafe(needed + blocks, now)
  ) return "no memory";
  const entry = entries.take(needed);
  entries.write(entry, needed, 0, 0);
  const at = entries.at(entry);
  words[at + Entry.number] = 0;
  words[at + Entry.number + 1] = 0;
  entries.insert(entry);
  return at;
}

function link(
  entries: Entries,
  list: number,
  element: number,
  at: number,
  isLeft: boolean,
): void {
  const { words } = entries;
  const end = list + Entry.number + (isLeft ? 0 : 1);
  const other = list + Entry.number + (isLeft ? 1 : 0);
  const [inward, outward] = isLeft
    ? [Element.following, Element.previous]
    : [Element.previous, Element.following];
  const old = words[end]!;
  words[at + inward] = old;
  words[at + outward] = 0;
  if (old === 0) words[other] = element;
  else words[entries.at(old) + outward] = element;
  words[end] = element;
}

/** Elements of a list; 0 when there is none, -1 when it is no list. */
export function lengthOf(store: Store, key: string): number {
  store.seek(key);
  return store.locked((entries) => {
    const entry = entries.find();
    if (entry === 0 || entries.isExpired(entry, Date.now())) return 0;
    return entries.isList(entry)
      ? entries.words[entries.at(entry) + Entry.length]!
      : -1;
  });
}

/**
 * Takes the element at an end of a list, and reads it to `out`.
 *
 * @returns 1, or 0 when there is none; -1 when it is no list.
 */
export function pop(store: Store, key: string, isLeft: boolean): number {
  store.seek(key);
  return store.locked((entries) => {
    const result = popLocked(entries, isLeft, Date.now(), store.out);
    if (result === 1) store.changed();
    return result;
  });
}

function popLocked(
  entries: Entries,
  isLeft: boolean,
  now: number,
  to: Scratch,
): number {
  const { words } = entries;
  const entry = entries.find();
  if (entry === 0 || entries.isExpired(entry, now)) return 0;
  if (!entries.isList(entry)) return -1;
  const list = entries.at(entry);
  const element = words[list + Entry.number + (isLeft ? 0 : 1)]!;
  const at = entries.at(element);
  to.type = words[at + Element.meta]!;
  to.number = entries.doubles[at + Element.number >> 1]!;
  to.valueBytes = entries.bytesOf(at + Element.valueBytes);
  const count = to.valueBytes + 3 >> 2;
  if (count > 0) entries.copyOut(at, Element.payload, 0, count, to);
  const length = words[list + Entry.length]! - 1;
  if (length === 0) {
    entries.remove(entry);
    return 1;
  }
  const [inward, outward] = isLeft
    ? [Element.following, Element.previous]
    : [Element.previous, Element.following];
  const next = words[at + inward]!;
  words[entries.at(next) + outward] = 0;
  words[list + Entry.number + (isLeft ? 0 : 1)] = next;
  words[list + Entry.length] = length;
  entries.give(element, words[at + Element.blocks]!);
  return 1;
}
