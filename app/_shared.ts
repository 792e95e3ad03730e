import { parseSize, type Size } from "@oresty/core";
import { SharedDict } from "@oresty/shm";

/** Dictionaries that an app opens before anybody else does, by their names. */
export type SharedSizes = Readonly<Record<string, Size>>;

/**
 * Begins to open dictionaries: who opens one of them without a size from now on
 * gets it as large as it is said here.
 *
 * @returns Lets go of them.
 * @throws {TypeError} When a size is none.
 * @throws {RangeError} When a size is out of range.
 */
export function openShared(
  sizes: SharedSizes,
  failed: (name: string, error: unknown) => void,
): () => Promise<void> {
  if (typeof sizes !== "object" || sizes === null || Array.isArray(sizes)) {
    throw new TypeError(
      `Cannot use option "shared" of createApp: "${
        String(sizes)
      }" was given, ` +
        `expected an object of names and sizes`,
    );
  }
  const dicts: Promise<SharedDict | undefined>[] = [];
  for (const [name, size] of Object.entries(sizes)) {
    parseSize(size, `size of "${name}" in option "shared" of createApp`);
  }
  for (const [name, size] of Object.entries(sizes)) {
    const dict = SharedDict.open(name, { size });
    dicts.push(dict.catch((error) => {
      failed(name, error);
      return undefined;
    }));
  }
  return async () => {
    for (const dict of await Promise.all(dicts)) dict?.close();
  };
}
