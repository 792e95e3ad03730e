import { runTierCases } from "./third_tier_cases.ts";
import { memoryStore } from "./memory_tier.ts";

Deno.test("third tier, memory: does what every implementation does", (test) =>
  runTierCases(test, async () => {
    const store = memoryStore();
    return {
      host: (name) => store.open(name),
      [Symbol.asyncDispose]: async () => {},
    };
  }));
