import { leader } from "@oresty/shm";
import { applyMessage, readMessage } from "./_bus_message.ts";
import type { GuardedTier } from "./_guarded_tier.ts";
import type { SecondTier } from "./_second_tier.ts";
import type { CacheEvent } from "./events.ts";

/** How long the one that listens is waited for when it is gone, in seconds. */
const LEASE = 3;
/** How long until a failed subscription is tried again, in milliseconds. */
const AGAIN = 1000;
/** How often a tier without messages is asked for purges, in milliseconds. */
const WATCH_EVERY = 1000;

interface Leadership {
  readonly isLeader: boolean;
  onChange(listener: (isLeader: boolean) => void): unknown;
  close(): unknown;
}

/**
 * Hears what other hosts change, in one isolate of the process: what it does to
 * shared memory, all of them see.
 */
export class Bus {
  readonly #third: GuardedTier;
  readonly #second: SecondTier;
  readonly #origin: () => string;
  readonly #emit: (event: CacheEvent) => void;
  #leadership: Leadership | undefined;
  #unsubscribe: (() => Promise<void>) | undefined;
  #subscribing: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #isClosed = false;

  constructor(
    third: GuardedTier,
    second: SecondTier,
    origin: () => string,
    emit: (event: CacheEvent) => void,
  ) {
    this.#third = third;
    this.#second = second;
    this.#origin = origin;
    this.#emit = emit;
  }

  /** Begins to listen, or to wait for the one that does to be gone. */
  async start(name: string): Promise<void> {
    const leadership: Leadership = await leader(name, { ttl: LEASE });
    if (this.#isClosed) return void leadership.close();
    this.#leadership = leadership;
    leadership.onChange((isLeader) => this.#become(isLeader));
    if (leadership.isLeader) this.#become(true);
    await this.#subscribing;
  }

  #become(isLeader: boolean): void {
    if (!isLeader) return void this.#stop();
    if (this.#unsubscribe !== undefined || this.#isClosed) return;
    this.#subscribing ??= this.#subscribe().finally(() => {
      this.#subscribing = undefined;
    });
  }

  async #subscribe(): Promise<void> {
    try {
      const end = await this.#third.tier.subscribe({
        message: (text) => this.#hear(text),
        gap: (seconds) => this.#gap(seconds),
      });
      if (end === undefined) return this.#watchPurges();
      this.#unsubscribe = end;
      if (this.#isClosed || !this.#leadership?.isLeader) return this.#stop();
      // What was told since the one before it fell silent was not heard.
      this.#gap(LEASE);
    } catch (error) {
      this.#emit({ type: "l3_error", operation: "subscribe", error });
      if (this.#isClosed) return;
      this.#timer = setTimeout(() => {
        if (this.#leadership?.isLeader) this.#become(true);
      }, AGAIN);
      Deno.unrefTimer(this.#timer as unknown as number);
    }
  }

  /** Values of another epoch are of no host any more: it must not be missed. */
  #watchPurges(): void {
    if (this.#isClosed || !this.#leadership?.isLeader) return;
    let isAsking = false;
    const { tier } = this.#third;
    const ask = async () => {
      if (isAsking) return;
      isAsking = true;
      const run = async (known: number) => {
        const [epoch] = await tier.counters(["epoch"]);
        if (epoch !== known) this.#second.purge();
      };
      await this.#third.call("read the epoch", true, undefined, run);
      isAsking = false;
    };
    clearInterval(this.#watch);
    this.#watch = setInterval(ask, WATCH_EVERY);
    Deno.unrefTimer(this.#watch as unknown as number);
  }

  #gap(seconds: number): void {
    this.#second.gap();
    this.#emit({ type: "gap", duration: seconds });
  }

  #hear(text: string): void {
    const message = readMessage(text);
    const second = this.#second;
    if (message === undefined) return;
    // What this process does all of its isolates see in memory already.
    if (message.origin === this.#origin()) return;
    applyMessage(second, message);
  }

  async #stop(): Promise<void> {
    const end = this.#unsubscribe;
    this.#unsubscribe = undefined;
    clearInterval(this.#watch);
    try {
      await end?.();
    } catch (error) {
      // It is silent from now on all the same: its messages find nobody.
      this.#emit({ type: "l3_error", operation: "unsubscribe", error });
    }
  }

  /** Stops listening. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    await this.#subscribing;
    await this.#leadership?.close();
    await this.#stop();
  }
}
