import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ThirdTier } from "../../cache/third_tier.ts";
import { ThirdTierError } from "../../cache/third_tier_error.ts";
import { until } from "../services.ts";
import { textOf, value } from "./third_tier_ground.ts";

/** Over the deadline of 0.5 s: the machine may be busy. */
export const LATEST = 0.9;

/** Every operation is refused by a ThirdTierError, and in time. */
export async function assertTierRefuses(
  tier: ThirdTier,
  kind: string,
  check: (error: ThirdTierError) => void,
): Promise<void> {
  const operations: [string, () => Promise<unknown>][] = [
    ["read", () => tier.read(["a"], 0)],
    ["claim", () => tier.claim("a", 0, "t", 5, false)],
    ["renew", () => tier.renew("a", "t", 5)],
    ["commit", () => tier.commit("a", 0, "t", value("x"), "m")],
    ["release", () => tier.release("a", "t", "m")],
    ["write", () => tier.write("a", 0, value("x"), "m")],
    ["remove", () => tier.remove(["a", "b"], "m")],
    ["expire", () => tier.expire("a", 0, 0, "m")],
    ["raise", () => tier.raise(["a"], "m")],
    ["read", () => tier.counters(["a"])],
  ];
  const began = performance.now();
  await Promise.all(operations.map(async ([name, operation]) => {
    const error = await assertRejects(operation, ThirdTierError);
    assert(error instanceof ThirdTierError);
    assertEquals([error.kind, error.operation], [kind, name]);
    check(error);
  }));
  const took = (performance.now() - began) / 1000;
  assert(took < LATEST, `all took ${took} s`);
}

/** As hosts do: again, until it works. */
export async function assertWorksSoon(
  tier: ThirdTier,
  seconds = 10,
): Promise<void> {
  await until("the tier", seconds, async () => {
    await tier.write("again", 0, value("here"), "");
    const [found] = await tier.read(["again"], 0);
    return textOf(found) === "here" ? true : undefined;
  });
}
