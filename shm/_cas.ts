import { Type } from "./_layout.ts";
import { type DictResult, failed } from "./_results.ts";
import type { Scratch } from "./_scratch.ts";
import type { Store, StoreOptions } from "./_store.ts";
import type { Packed } from "./_values.ts";

/** Stores a value under a key whose present value is `old`. */
export function compareAndSet(
  store: Store,
  key: string,
  old: Packed,
  value: Packed,
  options: StoreOptions,
): DictResult {
  store.seek(key);
  const { key: scratch, out } = store;
  // What is compared are bytes: the old value is written as it would be kept.
  scratch.value(old, store.mostBytes);
  const { type, number, valueBytes, keyWords } = scratch;
  const start = keyWords * 4;
  const bytes = valueBytes > store.mostBytes
    ? undefined
    : scratch.bytes.slice(start, start + valueBytes);
  scratch.value(value, store.mostBytes);
  return store.locked((entries) => {
    const entry = entries.find();
    if (entry === 0 || entries.isExpired(entry, Date.now())) {
      return failed("not found");
    }
    entries.readValue(entry, out);
    const isSame = out.type === type && bytes !== undefined &&
      out.valueBytes === valueBytes &&
      (type !== Type.number || Object.is(out.number, number)) &&
      startsWith(out, bytes);
    return isSame ? store.putLocked(entries, options) : failed("changed");
  });
}

function startsWith(out: Scratch, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    if (out.bytes[i] !== bytes[i]) return false;
  }
  return true;
}
