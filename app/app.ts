import type { TLCache } from "@oresty/cache";
import { checkOptions } from "@oresty/core";
import {
  type Context,
  HttpRouter,
  type HttpRouterOptions,
  JsonLogger,
  type Logger,
  type LogLevel,
  type Templates,
} from "@oresty/router";
import type { Stat } from "@oresty/stat";
import { loadControllers } from "./_controllers.ts";
import { folderUrl } from "./_folder.ts";
import { openShared, type SharedSizes } from "./_shared.ts";
import { AppStat } from "./_stat.ts";
import { onSignals } from "./_signals.ts";
import {
  type AdminOptions,
  checkListenOptions,
  exitCodeOf,
  Listener,
  type ListenOptions,
} from "./listener.ts";
import { folderTemplates } from "./templates.ts";

/** How an app behaves; without any, nothing happens that was not asked for. */
export interface AppOptions
  extends Omit<HttpRouterOptions, "app" | "templates" | "observer"> {
  /**
   * Whether errors show message, stack and source, and changed templates are
   * seen at once.
   *
   * @default {true when ORESTY_ENV is "dev" and may be read}
   */
  dev?: boolean;
  /**
   * The least level of the log.
   *
   * @default {"info"}
   */
  logLevel?: LogLevel;
  /** The folder of templates, or another renderer. */
  templates?: string | URL | Templates;
  /**
   * Whether `/healthz` and `/readyz` are routes.
   *
   * @default {true}
   */
  health?: boolean;
  /**
   * Whether requests of servers are counted: times by method, route and status.
   * `listen({ admin: 9464 })` shows them.
   *
   * @default {true}
   */
  stat?: boolean;
  /** The cache that handlers find as `ctx.app.cache`. */
  cache?: TLCache;
  /**
   * Dictionaries in shared memory, with their sizes: `{ tlcache: "100m" }`. Who
   * opens one of them later needs to say none.
   */
  shared?: SharedSizes;
}

/** Types of the contexts of an app. */
export interface AppEnv<State extends object = Record<string, unknown>> {
  /** The app itself. */
  app: App<State>;
  /** What middleware hands on. */
  state: State;
}

/**
 * What a handler or controller of an app gets.
 *
 * @typeParam P The parameters of the path.
 * @typeParam State Type of `ctx.state`.
 */
export type AppContext<
  P = Record<string, string>,
  State extends object = Record<string, unknown>,
> = Context<P, AppEnv<State>>;

/**
 * A web application: routes, controllers by file, templates, a server.
 *
 * @typeParam State Type of `ctx.state`.
 */
export class App<State extends object = Record<string, unknown>>
  extends HttpRouter<AppEnv<State>> {
  /** The log of the app. */
  readonly log: Logger;
  readonly #listeners: Set<Listener> = new Set();
  readonly #closeHooks: (() => unknown)[] = [];
  readonly #releases: (() => void)[] = [];
  readonly #closing = new AbortController();
  readonly #cache: TLCache | undefined;
  readonly #stat: AppStat | undefined;
  #closed: Promise<void> | undefined;

  /** Use {@linkcode createApp}. */
  constructor(options: AppOptions = {}) {
    checkOptions("createApp", options, OPTIONS);
    const {
      logLevel,
      health = true,
      templates,
      cache,
      shared,
      stat = true,
      ...rest
    } = options;
    if (typeof stat !== "boolean") {
      throw new TypeError(
        `Cannot use option "stat" of createApp: "${String(stat)}" was given, ` +
          `expected true or false`,
      );
    }
    const dev = options.dev ?? environment() === "dev";
    const log = options.log ?? new JsonLogger({ level: logLevel });
    const counting = stat
      ? new AppStat(
        cache,
        (error) => log.error("some metrics are not counted", { error }),
      )
      : undefined;
    super({
      ...rest,
      dev,
      log,
      ...(counting === undefined ? {} : { observer: counting.observer }),
      ...(templates === undefined
        ? {}
        : { templates: templatesOf(templates, dev) }),
    });
    this.log = log;
    this.#cache = cacheOf(cache);
    this.#stat = counting;
    if (shared !== undefined) {
      this.onClose(openShared(shared, (name, error) => {
        log.error("cannot open shared memory", { name, error });
      }));
    }
    if (health) this.#addHealth();
  }

  /**
   * The cache that `createApp` was given.
   *
   * @throws {TypeError} When it was given none.
   */
  get cache(): TLCache {
    if (this.#cache === undefined) {
      throw new TypeError(
        `Cannot use app.cache: createApp was given none, expected the option ` +
          `"cache"`,
      );
    }
    return this.#cache;
  }

  /**
   * Counts what handlers say, without labels: `ctx.app.stat.incr("orders")`.
   *
   * @throws {TypeError} When `createApp` was told `stat: false`.
   */
  get stat(): Stat {
    if (this.#stat === undefined) {
      throw new TypeError(
        `Cannot use app.stat: createApp was given "false" as option "stat"`,
      );
    }
    return this.#stat.own;
  }

  /** Aborts when the app begins to close: streams without an end end then. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /**
   * Adds the controllers of a folder: `users/[id].ts` is `/users/:id`,
   * `index.ts` its folder, `[...rest].ts` the rest of the path, `home.ts` also
   * `/` where nothing else is; what starts with `_` is no route. A file exports
   * functions named get, post, put, patch, del (or `delete`), options and head;
   * each is called with `(params, ctx)`, where params are query, body and path
   * as `ctx.input()` gives them.
   *
   * Wait for it before the first request: `await app.controllers("./ctrl")`.
   *
   * @param folder A `file:` URL such as `new URL("./ctrl/", import.meta.url)`,
   * or a path relative to the working directory.
   * @throws {TypeError} When a file is no controller.
   * @throws {Error} When two files are one route.
   */
  async controllers(folder: string | URL): Promise<this> {
    const url = folderUrl(folder, "ctrl");
    const hasHome = this.routes().some(({ pattern }) => pattern === "/");
    for (const route of await loadControllers(url, hasHome)) {
      const { method, pattern, source, handler } = route;
      this.on(method, pattern, { source }, handler as never);
    }
    return this;
  }

  /**
   * Runs a function when the app closes, after its last request: for
   * connections and timers. The last one added runs first.
   */
  onClose(hook: () => unknown): this {
    this.#closeHooks.push(hook);
    return this;
  }

  /**
   * Serves the app on a port.
   *
   * @param options Where, and how it ends.
   * @returns The listener, which knows its port.
   * @throws {RangeError} When the port is none.
   * @throws {TypeError} On an unknown option.
   */
  listen(options: ListenOptions = {}): Listener {
    checkListenOptions(options);
    const own = options.signals ?? true;
    let listener: Listener;
    try {
      listener = new Listener(this, options);
    } catch (error) {
      const code = exitCodeOf(error);
      if (!own || code === 1) throw error;
      this.log.error((error as Error).message);
      Deno.exit(code);
    }
    this.#listeners.add(listener);
    if (options.admin !== undefined) this.#serveAdmin(options.admin);
    if (own && this.#releases.length === 0) this.#ownProcess();
    this.log.info("listening", { url: listener.url });
    return listener;
  }

  #serveAdmin(options: AdminOptions): void {
    if (this.#stat === undefined) {
      this.log.warn("nothing is counted: stat is false");
      return;
    }
    const serving = this.#stat.serve(options);
    serving.then(
      ({ url }) => url && this.log.info("metrics", { url: `${url}/status` }),
      (error) => this.log.error("metrics are not served", { error }),
    );
    this.onClose(async () => {
      await (await serving.catch(() => undefined))?.close();
    });
  }

  /**
   * Ends the app: /readyz says 503, ports close, running requests have until
   * the drain deadline, then the close hooks run.
   */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#listeners].map((each) => each.close()));
    for (const hook of this.#closeHooks.reverse()) {
      try {
        await hook();
      } catch (error) {
        this.log.error("close hook failed", { error });
      }
    }
    await this.#stat?.close();
    // Last, so that a second signal can end a close that hangs.
    for (const release of this.#releases) release();
  }

  #ownProcess(): void {
    this.#releases.push(onSignals(async (signal) => {
      this.log.info("closing", { signal });
      await this.close();
      Deno.exit(0);
    }));
  }

  #addHealth(): void {
    const headers = { "cache-control": "no-store" };
    this.get("/healthz", () => new Response("ok", { headers }));
    this.get("/readyz", () => {
      const closing = this.#closing.signal.aborted;
      return new Response(closing ? "closing" : "ok", {
        status: closing ? 503 : 200,
        headers,
      });
    });
  }
}

/**
 * Makes an application.
 *
 * @typeParam State Type of `ctx.state`.
 * @param options How it behaves.
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 *
 * @example
 * ```ts
 * import { createApp } from "@oresty/oresty";
 * import { assertEquals } from "@std/assert";
 *
 * const app = createApp();
 * app.get("/users/:id", (ctx) => ({ id: ctx.params.id }));
 *
 * const response = await app.request("/users/7");
 * assertEquals(await response.json(), { id: "7" });
 * ```
 */
export function createApp<State extends object = Record<string, unknown>>(
  options?: AppOptions,
): App<State> {
  return new App(options);
}

const OPTIONS: readonly (keyof AppOptions)[] = [
  "dev",
  "log",
  "logLevel",
  "templates",
  "health",
  "cache",
  "shared",
  "stat",
  "bodyLimit",
  "bodyTimeout",
  "timeout",
  "trustProxy",
  "secrets",
  "caseSensitive",
  "trailingSlash",
];

/** ORESTY_ENV where it may be read; asking for the permission would block. */
function environment(): string | undefined {
  const permission = { name: "env", variable: "ORESTY_ENV" } as const;
  const { state } = Deno.permissions.querySync(permission);
  return state === "granted" ? Deno.env.get("ORESTY_ENV") : undefined;
}

function templatesOf(
  templates: string | URL | Templates,
  dev: boolean,
): Templates {
  return typeof templates === "string" || templates instanceof URL
    ? folderTemplates(templates, { reload: dev })
    : templates;
}

function cacheOf(cache: unknown): TLCache | undefined {
  if (cache === undefined) return undefined;
  if (typeof (cache as TLCache | null)?.get !== "function") {
    throw new TypeError(
      `Cannot use option "cache" of createApp: "${String(cache)}" was given, ` +
        `expected a cache`,
    );
  }
  return cache as TLCache;
}
