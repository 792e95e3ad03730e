/** A map of so many entries at most; what was longest unused makes room. */
export class BoundedMap<V> {
  readonly #entries: Map<string, V> = new Map();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    // A Map keeps the order of insertion: the used one goes to its end.
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    if (this.#entries.size >= this.#most) {
      this.#entries.delete(this.#entries.keys().next().value!);
    }
    this.#entries.set(key, value);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Drops up to two of the longest unused that are worth nothing any more. */
  sweep(isOver: (value: V) => boolean): void {
    for (let i = 0; i < 2; i++) {
      const oldest = this.#entries.entries().next().value;
      if (oldest === undefined || !isOver(oldest[1])) return;
      this.#entries.delete(oldest[0]);
    }
  }
}

/** @throws {TypeError} When it is no whole number from 1. */
export function checkMost(where: string, option: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new TypeError(
      `Cannot use option "${option}" of ${where}: "${value}" was given, ` +
        `expected a whole number of 1 or more`,
    );
  }
}
