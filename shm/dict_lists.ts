import { shorten } from "./_arguments.ts";
import { lengthOf, pop, push } from "./_lists.ts";
import type { PushResult } from "./_results.ts";
import type { Store } from "./_store.ts";
import { pack, unpack, type ValueSerializer } from "./_values.ts";
import { DictWords } from "./dict_words.ts";

/**
 * The lists of a dictionary: queues that all isolates share. A list begins with
 * its first element, without a time, and is gone with its last.
 */
export abstract class DictLists extends DictWords {
  /** @internal Writes and reads what has no form of its own. */
  protected readonly serializer: ValueSerializer | undefined;

  /** @internal `SharedDict.open` makes it. */
  protected constructor(
    name: string,
    store: Store,
    serializer: ValueSerializer | undefined,
  ) {
    super(name, store);
    this.serializer = serializer;
  }

  /** Puts a value before the first of a list; it forgets nothing for it. */
  lpush(key: string, value: unknown): PushResult {
    return push(this.store, key, pack(value, this.serializer), true);
  }

  /** Puts a value behind the last of a list; it forgets nothing for it. */
  rpush(key: string, value: unknown): PushResult {
    return push(this.store, key, pack(value, this.serializer), false);
  }

  /**
   * Takes the first of a list; undefined when there is none.
   *
   * @throws {TypeError} When the value is not a list.
   */
  lpop(key: string): unknown {
    return this.#pop(key, true);
  }

  /**
   * Takes the last of a list; undefined when there is none.
   *
   * @throws {TypeError} When the value is not a list.
   */
  rpop(key: string): unknown {
    return this.#pop(key, false);
  }

  #pop(key: string, isLeft: boolean): unknown {
    const store = this.store;
    const found = pop(store, key, isLeft);
    if (found < 0) throw noList(key);
    return found === 0 ? undefined : unpack(store.out, this.serializer);
  }

  /**
   * Elements of a list; 0 when there is none.
   *
   * @throws {TypeError} When the value is not a list.
   */
  llen(key: string): number {
    const length = lengthOf(this.store, key);
    if (length < 0) throw noList(key);
    return length;
  }
}

function noList(key: string): TypeError {
  return new TypeError(
    `Cannot use key "${shorten(key)}" as a list: value not a list`,
  );
}
