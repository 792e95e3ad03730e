import { assertEquals } from "@std/assert";
import type {
  Claim,
  NewValue,
  StoredValue,
  ThirdTier,
} from "../../cache/third_tier.ts";

/** Where the cases run: hosts that share one store. */
export interface Ground extends AsyncDisposable {
  /** The part of a cache, as another host sees it at every call. */
  host(name: string): ThirdTier;
}

/** Text as data. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Data as text. */
export function textOf(value: StoredValue | undefined): string | undefined {
  return value && new TextDecoder().decode(value.data);
}

/** A value that is fresh for so many seconds and kept for others. */
export function value(text: string, fresh = 60, grace = 0): NewValue {
  return { data: bytes(text), fresh, grace };
}

export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

export async function readText(
  tier: ThirdTier,
  key: string,
  epoch = 0,
): Promise<string | undefined> {
  const [found] = await tier.read([key], epoch);
  return textOf(found);
}

export function expectMine(
  claim: Claim,
): Extract<Claim, { state: "mine" }> {
  assertEquals(claim.state, "mine");
  return claim as Extract<Claim, { state: "mine" }>;
}

/** Waits until something is so, 5 seconds at most. */
export async function settled(is: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!is() && performance.now() < end) await sleep(0.01);
}
