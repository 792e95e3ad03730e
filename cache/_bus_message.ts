import type { SecondTier } from "./_second_tier.ts";

/** Characters of a key. */
export const LONGEST_KEY = 65_536;

/** What a message to other hosts says. */
export type BusMessage =
  | {
    readonly kind: "ready" | "set" | "delete";
    readonly keys: readonly string[];
  }
  | { readonly kind: "tags"; readonly tags: readonly string[] }
  | { readonly kind: "purge" };

/** Does to the memory of this process what a message says. */
export function applyMessage(second: SecondTier, message: BusMessage): void {
  switch (message.kind) {
    case "ready":
      return message.keys.forEach((key) => second.touch(key));
    case "set":
      return message.keys.forEach((key) => second.expireNow(key));
    case "delete":
      return message.keys.forEach((key) => second.remove(key));
    case "tags":
      return second.removeTags(message.tags);
    case "purge":
      return second.purge();
  }
}

/** Reads a message; undefined when it is none. */
export function readMessage(
  text: string,
): (BusMessage & { origin: string }) | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { kind, keys, tags, origin } = Object(message);
  if (typeof origin !== "string") return undefined;
  const isTexts = (value: unknown): value is string[] =>
    Array.isArray(value) &&
    value.every((part) =>
      typeof part === "string" && part.length <= LONGEST_KEY
    );
  switch (kind) {
    case "ready":
    case "set":
    case "delete":
      return isTexts(keys) ? { kind, keys, origin } : undefined;
    case "tags":
      return isTexts(tags) ? { kind, tags, origin } : undefined;
    case "purge":
      return { kind, origin };
  }
  return undefined;
}

/** The counters of tags; the first is of all of them. */
export function counterNames(tags: readonly string[]): string[] {
  return ["tags", ...tags.map((tag) => `tag:${tag}`)];
}
