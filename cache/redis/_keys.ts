import { escapeKey, escapeName } from "../_tier_names.ts";

/** The three keys of an entry; the hash tag lays them on one node. */
export interface EntryKeys {
  readonly value: string;
  readonly lock: string;
  readonly fence: string;
}

/** How the entries of a cache are called in Redis. */
export class KeySpace {
  /** Where hosts tell each other what they did. */
  readonly channel: string;
  readonly #name: string;

  constructor(name: string) {
    this.#name = escapeName(name);
    this.channel = `oresty:cache:${this.#name}`;
  }

  entry(key: string): EntryKeys {
    const tag = `{${this.#name}:${escapeKey(key)}}`;
    return { value: `${tag}:v`, lock: `${tag}:lock`, fence: `${tag}:fence` };
  }

  counter(name: string): string {
    return `{${this.#name}}:c:${escapeKey(name)}`;
  }
}
