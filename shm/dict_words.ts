import type { Duration } from "@oresty/core";
import type { Store } from "./_store.ts";
import { Waits } from "./_waits.ts";

/**
 * The words of a dictionary that say what has changed: copies of values in an
 * isolate are checked against them, without a message and without a lock.
 */
export abstract class DictWords {
  /** What it is called. */
  readonly name: string;
  /** @internal The memory, with what works in it. */
  protected store: Store;
  /** @internal Those who wait for a word here. */
  protected readonly waits: Waits = new Waits();
  #generation = 0;

  /** @internal `SharedDict.open` makes it. */
  protected constructor(name: string, store: Store) {
    this.name = name;
    this.store = store;
  }

  /** What tells this memory from all others, on whatever host. */
  get id(): string {
    return this.store.memory.id;
  }

  /** The memory itself. */
  get buffer(): SharedArrayBuffer {
    return this.store.memory.buffer;
  }

  /**
   * A number that changes whenever the key does; at times also when another key
   * does. With it a copy of a value is known to be right without reading it.
   */
  version(key: string): number {
    this.store.seek(key);
    return this.store.version;
  }

  /** Where the version of a key stands, for `versionAt` and `changed`. */
  versionSlot(key: string): number {
    const { memory, key: scratch } = this.store;
    scratch.key(key, memory.seed);
    return memory.versionSlot(scratch.hash1);
  }

  /**
   * What the word at a slot says. A slot is taken as it is, for this is asked
   * with every hit.
   */
  versionAt(slot: number): number {
    return this.store.memory.versionAt(slot);
  }

  /**
   * What a word that said `version` says after one change: of a value that
   * `setIfVersion` has stored for it, until another change.
   */
  versionAfter(version: number): number {
    return this.store.memory.versionAfter(version);
  }

  /** Where the epoch of a namespace stands; only `raise` changes it. */
  epochSlot(namespace: string): number {
    const { memory, key: scratch } = this.store;
    scratch.key(namespace, memory.seed);
    return memory.epochSlot(scratch.hash1, scratch.hash2);
  }

  /** Where the word of a tag stands, which others may share; as an epoch. */
  tagSlot(tag: string): number {
    const { memory, key: scratch } = this.store;
    scratch.key(tag, memory.seed);
    return memory.tagSlot(scratch.hash1);
  }

  /**
   * Changes the word at a slot; gives what it says now.
   *
   * @throws {RangeError} When no method gave such a slot.
   */
  raise(slot: number): number {
    this.store.memory.checkSlot(slot);
    return this.store.memory.raise(slot);
  }

  /** Changes the version of a key and nothing else, and wakes who waits. */
  touch(key: string): void {
    const store = this.store;
    store.seek(key);
    // With the lock: no `setIfVersion` may be between its look and its writing.
    store.locked(() => store.changed());
  }

  /**
   * Waits until the word at a slot says something else than `version`. The wait
   * keeps no process alive; `close` ends it.
   *
   * @param timeout Seconds to wait at most.
   * @returns Whether it does; false when the time is over.
   * @throws The reason of the signal when it aborts.
   */
  changed(
    slot: number,
    version: number,
    timeout: Duration,
    signal?: AbortSignal,
  ): Promise<boolean> {
    return this.waits.changed(
      this.store.memory,
      slot,
      version,
      timeout,
      signal,
    );
  }

  /**
   * Changes when an older memory of the same name took the place of this one,
   * as after two isolates made one at once: slots have to be asked anew.
   */
  get generation(): number {
    return this.#generation;
  }

  /** @internal Goes on in another memory. */
  protected move(store: Store): void {
    this.store = store;
    this.#generation++;
    this.waits.end(true);
  }
}
