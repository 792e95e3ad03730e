/**
 * Memory that all isolates of a process share, found by name: main program,
 * workers, and the threads of `deno serve --parallel` with no parent.
 *
 * ```ts
 * import { SharedDict } from "@oresty/shm";
 * import { assertEquals } from "@std/assert";
 *
 * using dict = await SharedDict.open("sessions", { size: "1m" });
 * dict.set("id", "value", 60);
 * assertEquals(dict.get("id"), "value");
 * ```
 *
 * @module
 */
export * from "./shared_dict.ts";
export * from "./segment_group.ts";
export * from "./leader.ts";
export * from "./memories.ts";
