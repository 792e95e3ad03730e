import type { Duration } from "@oresty/core";
import { CacheError } from "./errors.ts";
import type { LoaderContext } from "./loader.ts";
import type { LoadOptions } from "./options.ts";
import {
  checkTags,
  secondsOf,
  type Settings,
  settingsOf,
} from "./_settings.ts";

/** What a loader says of its value, until it is done. */
export class Context implements LoaderContext {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly staleValue: unknown;
  #settings: Settings;
  #ttl: number | undefined;
  #isSkipped = false;

  constructor(
    key: string,
    signal: AbortSignal,
    staleValue: unknown,
    settings: Settings,
  ) {
    this.key = key;
    this.signal = signal;
    this.staleValue = staleValue;
    this.#settings = settings;
    // Loaders take them apart: `(id, { ttl }) => …`.
    this.ttl = this.ttl.bind(this);
    this.skip = this.skip.bind(this);
    this.fail = this.fail.bind(this);
    this.tags = this.tags.bind(this);
    this.setOptions = this.setOptions.bind(this);
  }

  ttl(value: Duration): void {
    if (typeof value === "number" && value < 0) this.#isSkipped = true;
    else this.#ttl = secondsOf(value, "ttl of a loader");
  }

  skip(): void {
    this.#isSkipped = true;
  }

  fail(message: string): never {
    throw new CacheError(message);
  }

  tags(names: readonly string[]): void {
    const added = checkTags(names, "a loader");
    const tags = checkTags([...this.#settings.tags, ...added], "a loader");
    this.#settings = { ...this.#settings, tags };
  }

  setOptions(options: LoadOptions): void {
    this.#settings = settingsOf("a loader", options, this.#settings);
  }

  /** What holds for the value. */
  get settings(): Settings {
    return this.#settings;
  }

  /** Whether the value is kept. */
  get isKept(): boolean {
    return !this.#isSkipped;
  }

  /** How long the value is fresh in the second and third tier; 0 is for ever. */
  lives(isAbsent: boolean): Lives {
    return livesOf(this.#settings, isAbsent, this.#ttl);
  }
}

/** Seconds that a value is fresh; 0 is for ever. */
export interface Lives {
  readonly l2: number;
  readonly l3: number;
}

/**
 * How long a value is fresh in each tier.
 *
 * @param said What its loader says.
 */
export function livesOf(
  settings: Settings,
  isAbsent: boolean,
  said?: number,
): Lives {
  const ttl = said ?? (isAbsent ? settings.negTtl : settings.ttl);
  const { ttlL3, jitter } = settings;
  // What is absent, or was given a time by its loader, lives no longer above.
  const isBound = isAbsent || said !== undefined;
  let l3 = ttl;
  if (ttlL3 !== undefined) l3 = isBound ? least(ttl, ttlL3) : ttlL3;
  l3 *= 1 + jitter * Math.random();
  return { l2: least(ttl, l3), l3 };
}

/** The shorter of two times, of which 0 is for ever. */
export function least(a: number, b: number): number {
  return a === 0 ? b : b === 0 ? a : Math.min(a, b);
}
