import type { TierListener } from "../third_tier.ts";
import { within } from "../_tier_deadline.ts";

/** One connection that listens. */
export interface Line {
  subscribe(channels: readonly string[]): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  ping(): Promise<void>;
  close(): void;
}

/** What a line tells. */
export interface LineEvents {
  message(channel: string, text: string): void;
  closed(): void;
}

/**
 * Makes a connection that listens; it keeps no process alive. When the signal is
 * aborted before it is there, nothing of it is left.
 */
export type OpenLine = (
  events: LineEvents,
  signal: AbortSignal,
) => Promise<Line>;

interface Entry {
  readonly channel: string;
  readonly listener: TierListener;
  /** When it was heard for sure for the last time, while it is not heard. */
  lost: Moment | undefined;
  readonly since: Moment;
  /** Whether nobody has been told yet that it listens: it missed nothing. */
  isNew: boolean;
}

/** Of both clocks the longer time counts: one stops in sleep, one is set. */
interface Moment {
  readonly steady: number;
  readonly wall: number;
}

function moment(): Moment {
  return { steady: performance.now(), wall: Date.now() };
}

function secondsSince({ steady, wall }: Moment): number {
  return Math.max(performance.now() - steady, Date.now() - wall, 0) / 1000;
}

/** Times, in seconds; shorter ones for tests. */
export interface SubscriptionTimes {
  /** For a connection to be made, and for an answer. */
  readonly timeout: number;
  /** Between two looks whether the server is still there. */
  readonly heartbeat: number;
  /** Before the first new attempt, and the longest before any. */
  readonly retry: number;
  readonly longestRetry: number;
}

/**
 * All subscriptions of a store, over one connection that is made again as long
 * as somebody listens. Those who listen are told for how long they did not hear.
 */
export class Subscriptions {
  readonly #open: OpenLine;
  readonly #times: SubscriptionTimes;
  readonly #entries = new Set<Entry>();
  #line: Line | undefined;
  #opening: Promise<void> | undefined;
  /** All that was told before has been heard. */
  #heard: Moment = moment();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;

  constructor(open: OpenLine, times: SubscriptionTimes) {
    this.#open = open;
    this.#times = times;
  }

  /**
   * Listens to a channel, and returns when it does, or when the first attempt
   * has failed; a later one tells of the gap.
   */
  async add(
    channel: string,
    listener: TierListener,
  ): Promise<() => Promise<void>> {
    const now = moment();
    const entry: Entry = {
      channel,
      listener,
      lost: now,
      since: now,
      isNew: true,
    };
    this.#entries.add(entry);
    const line = this.#line;
    if (line === undefined) {
      // At once: who asks should not wait for the timer of another attempt. The
      // attempt ends in time; this holds the process alive until then.
      await within(this.#times.timeout + 1, this.#reopen());
    } else {
      try {
        await within(this.#times.timeout, line.subscribe([channel]));
        if (this.#line === line) entry.lost = undefined;
      } catch {
        this.#lose(line);
      }
    }
    entry.isNew = false;
    return () => this.#remove(entry);
  }

  close(): void {
    this.#entries.clear();
    this.#end();
  }

  async #remove(entry: Entry): Promise<void> {
    if (!this.#entries.delete(entry)) return;
    if (this.#entries.size === 0) return this.#end();
    const isHeardByOther = [...this.#entries]
      .some(({ channel }) => channel === entry.channel);
    if (isHeardByOther || this.#line === undefined) return;
    const line = this.#line;
    try {
      await within(this.#times.timeout, line.unsubscribe(entry.channel));
    } catch {
      this.#lose(line);
    }
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#line?.close();
    this.#line = undefined;
  }

  async #reopen(): Promise<void> {
    clearTimeout(this.#timer);
    this.#opening ??= this.#attempt().finally(() => this.#opening = undefined);
    await this.#opening;
  }

  async #attempt(): Promise<void> {
    const began = moment();
    const { promise: lost, resolve: lose } = Promise.withResolvers<undefined>();
    const stop = new AbortController();
    const opened = this.#open({
      message: (channel, text) => this.#tell(channel, text),
      closed: () => lose(undefined),
    }, stop.signal);
    let line: Line;
    try {
      line = await this.#quietly(this.#listen(opened));
    } catch (error) {
      stop.abort(error);
      opened.then((it) => it.close(), () => {});
      for (const entry of this.#entries) entry.isNew = false;
      this.#retry();
      return;
    }
    if (this.#entries.size === 0) return line.close();
    this.#line = line;
    this.#attempts = 0;
    this.#heard = began;
    lost.then(() => this.#lose(line));
    for (const entry of [...this.#entries]) {
      const since = entry.lost;
      entry.lost = undefined;
      if (since !== undefined && !entry.isNew) {
        entry.listener.gap(secondsSince(since));
      }
    }
    this.#beat(line);
  }

  async #listen(opened: Promise<Line>): Promise<Line> {
    const line = await opened;
    const heard = new Set<string>();
    // Again for those who came while it was done.
    for (;;) {
      const channels = [...this.#entries]
        .map((entry) => entry.channel)
        .filter((channel) => !heard.has(channel));
      if (channels.length === 0) return line;
      await line.subscribe([...new Set(channels)]);
      for (const channel of channels) heard.add(channel);
    }
  }

  #tell(channel: string, text: string): void {
    for (const entry of [...this.#entries]) {
      if (entry.channel === channel) entry.listener.message(text);
    }
  }

  #lose(line: Line): void {
    if (this.#line !== line) return;
    this.#line = undefined;
    line.close();
    for (const entry of this.#entries) {
      entry.lost ??= later(this.#heard, entry.since);
    }
    this.#retry();
  }

  #retry(): void {
    if (this.#entries.size === 0) return;
    const { retry, longestRetry } = this.#times;
    const pause = Math.min(retry * 2 ** this.#attempts++, longestRetry);
    this.#later(pause, () => void this.#reopen());
  }

  /** Asks now and then: a connection whose other end is gone says nothing. */
  #beat(line: Line): void {
    this.#later(this.#times.heartbeat, async () => {
      if (this.#line !== line) return;
      const asked = moment();
      try {
        await this.#quietly(line.ping());
      } catch {
        return this.#lose(line);
      }
      if (this.#line !== line) return;
      this.#heard = asked;
      this.#beat(line);
    });
  }

  /** As `within`, with a timer that holds nothing alive: nobody waits here. */
  async #quietly<T>(work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error("no answer")),
        this.#times.timeout * 1000,
      );
      Deno.unrefTimer(timer);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  #later(seconds: number, work: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(work, seconds * 1000);
    Deno.unrefTimer(this.#timer);
  }
}

function later(a: Moment, b: Moment): Moment {
  return a.steady > b.steady ? a : b;
}
