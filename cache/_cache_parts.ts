import type { FirstTier } from "./_first_tier.ts";
import type { Loads } from "./_loads.ts";
import type { Reads } from "./_reads.ts";
import type { SecondTier } from "./_second_tier.ts";
import type { Settings } from "./_settings.ts";
import type { Tally } from "./_tally.ts";
import type { Writes } from "./_writes.ts";

/** What a cache is made of. */
export interface CacheParts {
  readonly name: string;
  readonly settings: Settings;
  readonly first: FirstTier;
  readonly second: SecondTier;
  readonly loads: Loads;
  readonly reads: Reads;
  readonly writes: Writes;
  readonly tally: Tally;
  readonly now: () => number;
  /** Lets go of everything. */
  readonly close: () => Promise<void>;
}
