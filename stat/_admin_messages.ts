import type { NamedMemory } from "@oresty/shm";

/** What the admin worker gets at its start. */
export interface AdminData {
  readonly hostname: string;
  readonly port: number;
  /** What clients have to know. */
  readonly token: string | undefined;
  /** Seconds of a window. */
  readonly window: number;
  /** Memories, so that it need not ask for them. */
  readonly memories: readonly NamedMemory[];
}

/** What it tells. */
export type AdminMessage =
  /** The worker's `isolateNumber()`; it comes first. */
  | { readonly kind: "isolate"; readonly number: number }
  | { readonly kind: "listening"; readonly port: number }
  /** The port is taken: by this very process, or by another one. */
  | { readonly kind: "taken"; readonly isOurs: boolean }
  /** It listens no more, and has left the groups. */
  | { readonly kind: "left" };

/** What it is told: to end in order. */
export const END = "end";
