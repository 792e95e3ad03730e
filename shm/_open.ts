import { checkOptions, parseSize, type Size } from "@oresty/core";
import { checkName } from "./_arguments.ts";
import { LEAST_BYTES, MOST_BYTES, MOST_SHARDS, mostShards } from "./_layout.ts";
import type { ValueSerializer } from "./_values.ts";

/** How a dictionary is opened. */
export interface SharedDictOptions {
  /**
   * Bytes of the memory, from 64 KiB; who opens it first decides.
   *
   * @default {"16m", with a warning when nobody has said}
   */
  size?: Size;
  /**
   * Parts with a lock each, a power of two; who opens it first decides. A value
   * can have a quarter of one.
   *
   * @default {one for every 4 MiB, up to 32}
   */
  shards?: number;
  /** Writes and reads what is neither text, number, boolean, null nor bytes. */
  serializer?: ValueSerializer;
}

/** What was asked of a memory. */
export interface Wanted {
  readonly size: number | undefined;
  readonly shards: number | undefined;
}

/** The bytes of a memory that nobody gave a size. */
export const DEFAULT_SIZE: number = 16 * 1024 * 1024;

/**
 * Checks name and options of a dictionary.
 *
 * @throws {TypeError} On a name or option of a wrong kind, or an unknown one.
 * @throws {RangeError} On a size or number of shards out of range.
 */
export function wantedOf(name: string, options: SharedDictOptions): Wanted {
  checkName("dictionary", name);
  checkOptions("SharedDict.open", options, ["size", "shards", "serializer"]);
  const { shards, serializer } = options;
  const size = options.size === undefined
    ? undefined
    : parseSize(options.size, `option "size" of dictionary "${name}"`);
  if (size !== undefined && (size < LEAST_BYTES || size > MOST_BYTES)) {
    throw new RangeError(
      `Cannot open dictionary "${name}" of ${size} bytes: ` +
        `expected ${LEAST_BYTES} to ${MOST_BYTES}`,
    );
  }
  if (shards !== undefined) {
    const most = mostShards(size ?? DEFAULT_SIZE);
    if (
      !Number.isInteger(shards) || shards < 1 || shards > most ||
      (shards & (shards - 1)) !== 0
    ) {
      throw new RangeError(
        `Cannot open dictionary "${name}" with "${String(shards)}" shards: ` +
          `expected a power of two from 1 to ${most}` +
          (most < MOST_SHARDS ? ", as its size allows" : ""),
      );
    }
  }
  if (
    serializer !== undefined &&
    (typeof serializer?.encode !== "function" ||
      typeof serializer.decode !== "function")
  ) {
    throw new TypeError(
      `Cannot use option "serializer" of dictionary "${name}": ` +
        `expected an object with the functions encode and decode`,
    );
  }
  return { size, shards };
}
