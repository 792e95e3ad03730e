import type { Dialer, RedisArgument, RedisLink, Session } from "./_link.ts";
import type { OpenLine } from "./_subscriptions.ts";

/** Seconds in which nobody tries again after a connection failed. */
const PAUSE = 0.1;

/**
 * A connection of our own: made when it is asked for, and made again when it is
 * asked for after it broke. There is no timer in between that could hold the
 * process alive, and no command waits in a queue to be sent much later.
 */
export class DialedLink<S extends Session> implements RedisLink {
  readonly isCluster: boolean;
  readonly isText: boolean;
  readonly openLine: OpenLine | undefined;
  readonly #dialer: Dialer<S>;
  readonly #timeout: number;
  #session: S | undefined;
  #dialing: Promise<S> | undefined;
  #stop: AbortController | undefined;
  #failure: { readonly at: number; readonly error: unknown } | undefined;
  #lastAnswer = 0;

  /** @param timeout Seconds for a connection to be made. */
  constructor(dialer: Dialer<S>, timeout: number) {
    this.#dialer = dialer;
    this.#timeout = timeout;
    this.isCluster = dialer.isCluster;
    this.isText = dialer.isText;
    this.openLine = dialer.openLine?.(() => this.#open());
  }

  prepare(): Promise<void> {
    return this.#dialer.prepare();
  }

  async call(
    command: string,
    args: readonly RedisArgument[],
  ): Promise<unknown> {
    const session = await this.#open();
    try {
      const answer = await session.call(command, args);
      this.#lastAnswer = performance.now();
      return answer;
    } catch (error) {
      if (session.isBroken(error)) this.#drop(session);
      else this.#lastAnswer = performance.now();
      throw error;
    }
  }

  suspect(since: number): void {
    // Others were answered: the command is slow, not the connection dead.
    if (this.#lastAnswer > since || this.#session === undefined) return;
    this.#drop(this.#session);
  }

  close(): void {
    this.#stop?.abort(new Error("it is closed"));
    if (this.#session !== undefined) this.#drop(this.#session);
  }

  async #open(): Promise<S> {
    const session = this.#session;
    if (session !== undefined) {
      if (session.isOpen()) return session;
      this.#drop(session);
    }
    if (this.#dialing === undefined) {
      const failure = this.#failure;
      if (
        failure !== undefined &&
        performance.now() - failure.at < PAUSE * 1000
      ) throw failure.error;
      this.#dialing = this.#dial().finally(() => this.#dialing = undefined);
    }
    return await this.#dialing;
  }

  async #dial(): Promise<S> {
    // Before anything is waited for: it may be closed meanwhile.
    const stop = new AbortController();
    this.#stop = stop;
    await this.#dialer.prepare();
    stop.signal.throwIfAborted();
    const timer = setTimeout(
      () => stop.abort(new Error(`no connection within ${this.#timeout} s`)),
      this.#timeout * 1000,
    );
    try {
      const session = await this.#dialer.dial(stop.signal);
      if (stop.signal.aborted) {
        session.close();
        throw stop.signal.reason;
      }
      this.#failure = undefined;
      this.#session = session;
      return session;
    } catch (error) {
      this.#failure = { at: performance.now(), error };
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #drop(session: S): void {
    // Every command that was on its way comes here.
    if (this.#session !== session) return;
    this.#session = undefined;
    session.close();
  }
}
