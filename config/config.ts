import { isEqual } from "./_equal.ts";
import { asConfigError, type ConfigError } from "./config_error.ts";

/** Reads the layers anew. */
export type Load<T> = () => Promise<T>;

type Listener = (value: never, old: never) => void;

interface Watcher<T> {
  readonly select: (value: T) => unknown;
  readonly listener: Listener;
}

/**
 * A configuration: a typed snapshot that never changes, replaced as a whole.
 * Made by `defineConfig`.
 *
 * @typeParam T What the schema makes.
 */
export class Config<T> implements AsyncDisposable {
  /** `dev`, `prod`: the environment at the start. */
  readonly env: string;
  #value: T;
  #version = 1;
  #loading: Promise<boolean> | null = null;
  #again = false;
  #closed = false;
  #published: Promise<void> = Promise.resolve();
  readonly #load: Load<T>;
  readonly #watchers: Set<Watcher<T>> = new Set();
  readonly #errorListeners: Set<(error: ConfigError) => void> = new Set();
  readonly #accepted: (version: number, value: T) => unknown;
  readonly #releases: (() => unknown)[] = [];

  /** Made by `defineConfig`. */
  constructor(
    env: string,
    value: T,
    load: Load<T>,
    accepted: (version: number, value: T) => unknown,
  ) {
    this.env = env;
    this.#value = value;
    this.#load = load;
    this.#accepted = accepted;
  }

  /** The configuration of now; frozen, with everything in it. */
  get value(): T {
    return this.#value;
  }

  /** Rises by one with each accepted change; 1 at the start. */
  get version(): number {
    return this.#version;
  }

  /**
   * Calls a function when a part changed. An error of it is told to `onError`.
   *
   * @param select Takes the part of the whole.
   * @param listener Gets the part of now and of before.
   * @returns Ends it.
   */
  on<P>(
    select: (value: T) => P,
    listener: (value: P, old: P) => void,
  ): () => void {
    const watcher = { select, listener } as unknown as Watcher<T>;
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /**
   * Calls a function when a reload failed: the old value stays. Where nobody
   * listens, the error is printed.
   *
   * @returns Ends it.
   */
  onError(listener: (error: ConfigError) => void): () => void {
    this.#errorListeners.add(listener);
    return () => this.#errorListeners.delete(listener);
  }

  /**
   * Reads all layers again. Calls that come while one runs share the next one.
   *
   * @returns Whether the value changed. A configuration that is wrong changes
   * nothing and is told to `onError`.
   */
  reload(): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    if (this.#loading !== null) {
      this.#again = true;
      return this.#loading;
    }
    return this.#loading = this.#reload().finally(() => this.#loading = null);
  }

  async #reload(): Promise<boolean> {
    let changed = false;
    do {
      this.#again = false;
      try {
        changed = this.#take(await this.#load()) || changed;
      } catch (error) {
        this.#tell(asConfigError("(reload)", error));
      }
    } while (this.#again && !this.#closed);
    return changed;
  }

  #take(value: T): boolean {
    const old = this.#value;
    if (this.#closed || isEqual(value, old)) return false;
    this.#value = value;
    this.#version++;
    for (const { select, listener } of [...this.#watchers]) {
      // One that fails keeps nobody else from hearing of the change.
      this.#attempt("(listener)", () => {
        const part = select(value);
        const before = select(old);
        if (isEqual(part, before)) return;
        return listener(part as never, before as never);
      });
    }
    // In their order, but a slow publisher holds up no reload.
    const version = this.#version;
    this.#published = this.#published.then(() =>
      this.#attempt("(publisher)", () => this.#accepted(version, value))
    );
    return true;
  }

  async #attempt(path: string, fn: () => unknown): Promise<void> {
    try {
      await fn();
    } catch (error) {
      this.#tell(asConfigError(path, error));
    }
  }

  #tell(error: ConfigError): void {
    if (this.#errorListeners.size === 0) {
      // deno-lint-ignore no-console -- a change that is refused must be seen
      console.error(error.message);
    }
    for (const listener of [...this.#errorListeners]) {
      try {
        listener(error);
      } catch (error) {
        // deno-lint-ignore no-console -- there is nobody left to tell
        console.error(error);
      }
    }
  }

  /** Runs a function at `close`: ends a watch or a subscription. */
  onClose(release: () => unknown): void {
    this.#releases.push(release);
  }

  /**
   * Ends watching; the value stays.
   *
   * @returns Resolves when nothing is under way any more.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const releases = this.#releases.splice(0);
    await Promise.all([
      ...releases.map((end) => this.#attempt("(close)", end)),
      this.#loading,
    ]);
  }

  /** As `close`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
