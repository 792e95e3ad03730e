import { expectCompany } from "./_bus.ts";
import {
  addSegment,
  dropSegments,
  heldSegments,
  holdSegments,
  keepSegments,
} from "./_known_segments.ts";
import { isDictionary, isReadable } from "./_memory.ts";
import {
  heldDictionaries,
  holdDictionary,
  keepDictionaries,
} from "./_named_memory.ts";
import { isSegment } from "./_segment.ts";

/** A memory under its name, as isolates hand it to others. */
export interface NamedMemory {
  /** What it is. */
  readonly kind: "dictionary" | "segment";
  /** The dictionary's or the group's name. */
  readonly name: string;
  /** The memory itself. */
  readonly buffer: SharedArrayBuffer;
}

/** Keeps memories alive until it is closed. */
export interface MemoryHold extends Disposable {
  /** Lets go of them; others may still have them. */
  close(): void;
}

/**
 * All memories that this isolate holds, for the start message of a worker: with
 * them it need not ask. Keep this isolate's own ones until it has them.
 *
 * @example
 * ```ts
 * import { heldMemories, SharedDict } from "@oresty/shm";
 * import { assertEquals } from "@std/assert";
 *
 * using dict = await SharedDict.open("held", { size: "64k" });
 * assertEquals(heldMemories()[0]!.name, "held");
 * assertEquals(heldMemories()[0]!.buffer, dict.buffer);
 * ```
 */
export function heldMemories(): NamedMemory[] {
  // Who gets them may outlive what is held here.
  expectCompany();
  return [
    ...heldDictionaries().map(([name, buffer]) =>
      ({ kind: "dictionary", name, buffer }) as const
    ),
    ...heldSegments().map(([name, buffer]) =>
      ({ kind: "segment", name, buffer }) as const
    ),
  ];
}

/**
 * Takes memories that another isolate held, and keeps them alive.
 *
 * @throws {TypeError} When one of them is none, or of another version.
 *
 * @example
 * ```ts
 * import { adoptMemories, heldMemories, SharedDict } from "@oresty/shm";
 * import { assertEquals } from "@std/assert";
 *
 * const first = await SharedDict.open("adopted", { size: "64k" });
 * first.set("key", 1);
 * using _hold = await adoptMemories(heldMemories());
 * first.close();
 * using again = await SharedDict.open("adopted");
 * assertEquals(again.get("key"), 1);
 * ```
 */
export async function adoptMemories(
  memories: readonly NamedMemory[],
): Promise<MemoryHold> {
  if (!Array.isArray(memories)) {
    throw new TypeError(
      `Cannot adopt memories: "${typeof memories}" was given, ` +
        `expected what heldMemories gave`,
    );
  }
  for (const memory of memories) {
    const { kind, name, buffer }: Partial<NamedMemory> = memory ?? {};
    if (typeof name === "string" && isKnown(kind, buffer)) continue;
    throw new TypeError(
      `Cannot adopt ${String(kind)} "${String(name)}": ` +
        `it is none that this version knows`,
    );
  }
  const leaves = await Promise.all(
    memories.map(async ({ kind, name, buffer }) => {
      if (kind === "dictionary") return await holdDictionary(name, buffer);
      const user = {};
      await holdSegments(name, user);
      addSegment(name, buffer);
      return () => dropSegments(name, user);
    }),
  );
  return holdOf(leaves);
}

function isKnown(kind: unknown, buffer: unknown): boolean {
  if (kind === "segment") return isSegment(buffer);
  return kind === "dictionary" && isDictionary(buffer) && isReadable(buffer);
}

/**
 * Keeps every memory of the process alive from now on, those that others make
 * later too: what workers have made outlives them.
 *
 * @example
 * ```ts
 * import { keepMemories, SharedDict } from "@oresty/shm";
 * import { assertEquals } from "@std/assert";
 *
 * using _keeper = await keepMemories();
 * const first = await SharedDict.open("kept", { size: "64k" });
 * first.set("key", 1);
 * first.close();
 * using again = await SharedDict.open("kept");
 * assertEquals(again.get("key"), 1);
 * ```
 */
export async function keepMemories(): Promise<MemoryHold> {
  return holdOf([await keepDictionaries(), await keepSegments()]);
}

function holdOf(leaves: (() => void)[]): MemoryHold {
  const close = () => {
    for (const leave of leaves.splice(0)) leave();
  };
  return { close, [Symbol.dispose]: close };
}
