import { checkOptions, parseDuration } from "@oresty/core";
import { wrongKind } from "./_settings.ts";
import type { BreakerOptions } from "./options.ts";

/** What a breaker does. */
export type BreakerState = "closed" | "open" | "half-open";

/** Leaves something alone for a while when it failed so often in a row. */
export class Breaker {
  readonly #most: number;
  readonly #cooldown: number;
  readonly #now: () => number;
  readonly #changed: (state: BreakerState) => void;
  #failures = 0;
  #openedAt = 0;
  #state: BreakerState = "closed";

  /**
   * @param now Milliseconds.
   * @throws {TypeError} On an unknown option or one of a wrong kind.
   */
  constructor(
    options: BreakerOptions | false | undefined,
    now: () => number,
    changed: (state: BreakerState) => void,
  ) {
    const given = options === false ? { failures: Infinity } : options ?? {};
    checkOptions("breaker", given, ["failures", "cooldown"]);
    const { failures = 5, cooldown = 2 } = given;
    if (
      failures !== Infinity && !(Number.isInteger(failures) && failures > 0)
    ) {
      throw wrongKind("breaker", "failures", failures, "a whole number over 0");
    }
    this.#most = failures;
    this.#cooldown = parseDuration(cooldown, 'option "cooldown" of breaker') *
      1000;
    this.#now = now;
    this.#changed = changed;
  }

  /** What it does now. */
  get state(): BreakerState {
    return this.#state;
  }

  /** Whether a call may be made; of an open breaker one is, when it has waited. */
  mayCall(): boolean {
    if (this.#state === "closed") return true;
    const passed = this.#now() - this.#openedAt;
    // A clock that went back must not keep it open until it is there again.
    const isWaiting = passed >= 0 && passed < this.#cooldown;
    if (this.#state === "half-open" || isWaiting) return false;
    this.#become("half-open");
    return true;
  }

  /** A call was answered. */
  succeeded(): void {
    this.#failures = 0;
    this.#become("closed");
  }

  /** A call failed. */
  failed(): void {
    this.#failures++;
    if (this.#state === "closed" && this.#failures < this.#most) return;
    this.#openedAt = this.#now();
    this.#become("open");
  }

  #become(state: BreakerState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#changed(state);
  }
}
