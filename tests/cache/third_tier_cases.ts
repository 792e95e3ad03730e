import type { Ground } from "./third_tier_ground.ts";
import { LOCK_CASES } from "./third_tier_lock_cases.ts";
import { VALUE_CASES } from "./third_tier_value_cases.ts";

export * from "./third_tier_ground.ts";

/** What is tested of every implementation, one a step. */
export async function runTierCases(
  test: Deno.TestContext,
  makeGround: () => Promise<Ground>,
): Promise<void> {
  for (
    const [name, run] of Object.entries({ ...VALUE_CASES, ...LOCK_CASES })
  ) {
    await test.step(name, async () => {
      await using ground = await makeGround();
      await run(ground);
    });
  }
}
