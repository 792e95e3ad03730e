import type {
  Claim,
  NewValue,
  StoredValue,
  ThirdTier,
  TierListener,
} from "../third_tier.ts";
import { type Caller, messageOf, type Sender } from "./_caller.ts";
import { KeySpace } from "./_keys.ts";
import {
  checkedEpoch,
  freshTime,
  graceTime,
  lockTime,
} from "../_tier_times.ts";
import { pack, type Payload, toText, unpack } from "./_payload.ts";
import {
  CLAIM,
  COMMIT,
  EXPIRE,
  RAISE,
  READ,
  RELEASE,
  REMOVE,
  RENEW,
  type Script,
  WRITE,
} from "./_scripts.ts";
import type { Subscriptions } from "./_subscriptions.ts";
import { ThirdTierError } from "../third_tier_error.ts";

/** Keys of one command: the server does nothing else while it runs. */
const KEYS_AT_ONCE = 1000;

/** The entries of one cache in Redis. */
export class RedisTier implements ThirdTier {
  readonly kind = "redis";
  readonly #caller: Caller;
  readonly #subscriptions: Subscriptions | undefined;
  readonly #keys: KeySpace;
  readonly #mode: "t" | "b";
  readonly #onClose: () => void;
  readonly #ends = new Set<() => Promise<void>>();
  /** Whether one command must not have keys of several entries. */
  #isSplit: boolean;
  #isClosed = false;

  constructor(
    name: string,
    caller: Caller,
    subscriptions: Subscriptions | undefined,
    onClose: () => void,
  ) {
    this.#onClose = onClose;
    this.#caller = caller;
    this.#subscriptions = subscriptions;
    this.#keys = new KeySpace(name);
    this.#mode = caller.link.isText ? "t" : "b";
    this.#isSplit = caller.link.isCluster;
  }

  async read(
    keys: readonly string[],
    epoch: number,
  ): Promise<(StoredValue | undefined)[]> {
    if (keys.length === 0) return [];
    const names = keys.map((key) => this.#keys.entry(key).value);
    const found = await this.#within(
      "read",
      (sender) =>
        this.#inParts(
          names,
          (part) => sender.run(READ, part, [this.#mode]),
        ),
    );
    const flat = found.flat();
    return keys.map((_, i) =>
      unpack(flat[2 * i], Number(flat[2 * i + 1]), epoch)
    );
  }

  async claim(
    key: string,
    epoch: number,
    token: string,
    life: number,
    isForced: boolean,
  ): Promise<Claim> {
    const { value, lock, fence } = this.#keys.entry(key);
    const answer = await this.#run("claim", CLAIM, [value, lock, fence], [
      this.#mode,
      checkedEpoch(epoch),
      token,
      lockTime(life),
      isForced ? "1" : "0",
    ]);
    const [state, stored, left, number] = list(answer);
    const found = unpack(stored, Number(left), epoch);
    if (Number(state) === 0 && found !== undefined) {
      return { state: "fresh", value: found };
    }
    if (Number(state) === 1) {
      return { state: "mine", value: found, fence: Number(text(number)) };
    }
    return {
      state: "taken",
      value: found,
      wait: Math.max(0, Number(number)) / 1000,
    };
  }

  async renew(key: string, token: string, life: number): Promise<boolean> {
    const { lock } = this.#keys.entry(key);
    const args = [token, lockTime(life)];
    return Number(await this.#run("renew", RENEW, [lock], args)) === 1;
  }

  async commit(
    key: string,
    epoch: number,
    token: string,
    value: NewValue,
    message: string,
  ): Promise<boolean> {
    const { value: name, lock } = this.#keys.entry(key);
    const payload = pack(epoch, value);
    const answer = await this.#run("commit", COMMIT, [name, lock], [
      this.#mode,
      token,
      this.#sent(payload),
      payload.life,
      this.#keys.channel,
      message,
    ]);
    return Number(answer) === 1;
  }

  async release(key: string, token: string, message: string): Promise<void> {
    const { lock } = this.#keys.entry(key);
    const args = [token, this.#keys.channel, message];
    await this.#run("release", RELEASE, [lock], args);
  }

  async write(
    key: string,
    epoch: number,
    value: NewValue,
    message: string,
  ): Promise<void> {
    const { value: name, lock } = this.#keys.entry(key);
    const payload = pack(epoch, value);
    await this.#run("write", WRITE, [name, lock], [
      this.#mode,
      this.#sent(payload),
      payload.life,
      this.#keys.channel,
      message,
    ]);
  }

  async remove(keys: readonly string[], message: string): Promise<void> {
    const { channel } = this.#keys;
    const [only] = keys;
    if (only !== undefined && keys.length === 1) {
      const { value, lock } = this.#keys.entry(only);
      await this.#run("remove", REMOVE, [value, lock], [channel, message]);
      return;
    }
    await this.#within("remove", async (sender) => {
      await this.#inParts(
        keys,
        (part) => {
          const names = part.map((key) => this.#keys.entry(key));
          const both = names.flatMap(({ value, lock }) => [value, lock]);
          return sender.run(REMOVE, both, [channel, ""]);
        },
      );
      await this.#tell(sender, message);
    });
  }

  async expire(
    key: string,
    fresh: number,
    grace: number,
    message: string,
  ): Promise<void> {
    const { value, lock } = this.#keys.entry(key);
    await this.#run("expire", EXPIRE, [value, lock], [
      freshTime(fresh),
      graceTime(grace),
      this.#keys.channel,
      message,
    ]);
  }

  async counters(names: readonly string[]): Promise<number[]> {
    if (names.length === 0) return [];
    const keys = names.map((name) => this.#keys.counter(name));
    const answer = await this.#within(
      "read",
      (sender) => sender.send("MGET", keys),
    );
    return list(answer).map((count) => Number(text(count) || 0));
  }

  async raise(names: readonly string[], message: string): Promise<number[]> {
    const keys = names.map((name) => this.#keys.counter(name));
    if (keys.length === 0) {
      await this.#within(
        "raise",
        (sender) => this.#tell(sender, message),
      );
      return [];
    }
    const args = [this.#keys.channel, message];
    const answer = await this.#run("raise", RAISE, keys, args);
    return list(answer).map(Number);
  }

  async subscribe(
    listener: TierListener,
  ): Promise<(() => Promise<void>) | undefined> {
    if (this.#subscriptions === undefined) return undefined;
    await this.#caller.link.prepare();
    const end = await this.#subscriptions.add(this.#keys.channel, listener);
    const once = async (): Promise<void> => {
      if (this.#ends.delete(once)) await end();
    };
    this.#ends.add(once);
    return once;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#ends].map((end) => end()));
    this.#onClose();
  }

  async #run(
    operation: string,
    script: Script,
    keys: readonly string[],
    args: readonly (string | number | Uint8Array)[],
  ): Promise<unknown> {
    return await this.#within(
      operation,
      (sender) => sender.run(script, keys, args),
    );
  }

  async #within<T>(
    operation: string,
    work: (sender: Sender) => Promise<T>,
  ): Promise<T> {
    if (this.#isClosed) {
      throw new ThirdTierError(
        this.kind,
        operation,
        "connection",
        "it is closed",
      );
    }
    return await this.#caller.within(operation, work);
  }

  /** Publishes where no script does it: what was said must not come before. */
  async #tell(sender: Sender, message: string): Promise<void> {
    if (message === "") return;
    await sender.send("PUBLISH", [this.#keys.channel, message]);
  }

  /** Asks for all at once where one node has all, and side by side otherwise. */
  async #inParts(
    keys: readonly string[],
    ask: (part: readonly string[]) => Promise<unknown>,
  ): Promise<unknown[][]> {
    const parts = async (size: number): Promise<unknown[][]> => {
      const asked: Promise<unknown>[] = [];
      for (let i = 0; i < keys.length; i += size) {
        asked.push(ask(keys.slice(i, i + size)));
      }
      return (await Promise.all(asked)).map(list);
    };
    if (this.#isSplit) return await parts(1);
    try {
      return await parts(KEYS_AT_ONCE);
    } catch (error) {
      // A node of a cluster behind a client that does not know.
      if (!/\bCROSSSLOT\b/.test(messageOf(error))) throw error;
      this.#isSplit = true;
      return await parts(1);
    }
  }

  #sent({ bytes }: Payload): string | Uint8Array {
    return this.#mode === "t" ? toText(bytes) : bytes;
  }
}

function list(answer: unknown): unknown[] {
  return Array.isArray(answer) ? answer : [];
}

function text(answer: unknown): string {
  if (answer instanceof Uint8Array) return new TextDecoder().decode(answer);
  return answer === null || answer === undefined ? "" : String(answer);
}
