/** What a {@linkcode Channel} does with a message. */
export type ChannelListener = (message: unknown) => void;

interface NodeChannel {
  onmessage: (event: { data: unknown }) => void;
  postMessage(message: unknown): void;
  unref(): void;
  close(): void;
}

/**
 * Messages to all isolates of the process, by name. It keeps no process alive.
 * More than 256 messages that wait at a busy receiver are lost without a word:
 * send states, never events.
 *
 * @example
 * ```ts
 * import { Channel } from "@oresty/core";
 * import { assertEquals } from "@std/assert";
 *
 * using a = await Channel.open("example");
 * using b = await Channel.open("example");
 * const { promise, resolve } = Promise.withResolvers<unknown>();
 * b.listen(resolve);
 * a.post({ hello: "world" });
 * assertEquals(await promise, { hello: "world" });
 * ```
 */
export class Channel implements Disposable {
  readonly #open: () => NodeChannel;
  #channel: NodeChannel;
  #listener: ChannelListener | undefined;
  #isClosed = false;

  private constructor(open: () => NodeChannel) {
    this.#open = open;
    this.#channel = open();
  }

  /**
   * Opens a channel.
   *
   * @param name Those of one name hear each other, but never themselves.
   */
  static async open(name: string): Promise<Channel> {
    // The web's class keeps the event loop alive and cannot be told not to.
    const { BroadcastChannel } = await import("node:worker_threads");
    return new Channel(() => {
      const channel = new BroadcastChannel(name) as unknown as NodeChannel;
      channel.unref();
      return channel;
    });
  }

  /**
   * Sends a message; shared memory stays shared.
   *
   * @throws {DOMException} When it cannot be cloned, or the channel is closed.
   */
  post(message: unknown): void {
    try {
      this.#channel.postMessage(message);
    } catch (error) {
      if (this.#isClosed || !(error instanceof TypeError)) throw error;
      // The runtime has one subscription for all channels of an isolate. One
      // that opens while that of the last closed channel ends goes down with it,
      // and throws a TypeError from then on.
      this.#channel.close();
      this.#channel = this.#open();
      this.#hear();
      this.#channel.postMessage(message);
    }
  }

  /** Hands messages to a function from now on, in place of the last. */
  listen(listener: ChannelListener): void {
    this.#listener = listener;
    this.#hear();
  }

  /** Sends and hears nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#channel.close();
  }

  /** As `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #hear(): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    this.#channel.onmessage = ({ data }) => listener(data);
    this.#channel.unref();
  }
}
