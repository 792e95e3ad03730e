import type { AnyContext } from "./_access.ts";
import { compose, type Fail, type Run } from "./_compose.ts";
import { middlewareOf, Route, type Scope } from "./_route.ts";
import { type ParsedPattern, parsePattern } from "./_pattern.ts";
import { writePath } from "./_url_for.ts";
import { type Match, Router, type RouterOptions } from "./router.ts";
import type { Env, Handler, RouteInfo, RouteOptions } from "./types.ts";

/** The routes of a router and all of its groups. */
export class RouteTable {
  readonly #router: Router<Route>;
  readonly #routes: Route[] = [];
  readonly #names: Map<string, string> = new Map();
  /** Patterns that urlFor has written, taken apart once. */
  readonly #parsed: Map<string, ParsedPattern[]> = new Map();
  /** Groups with middleware by prefix: who answers where no route does. */
  readonly #scopes: Router<Scope[]>;
  /** The same by the shape of their prefix, "" is that of `group("/")`. */
  readonly #prefixes: Map<string, Scope[]> = new Map();
  readonly #root: Scope = { parent: null, middleware: [] };
  readonly #fail: Fail;
  readonly #timeout: number;
  readonly #caseSensitive: boolean;

  constructor(options: RouterOptions, timeout: number, fail: Fail) {
    this.#timeout = timeout;
    this.#caseSensitive = options.caseSensitive ?? true;
    this.#router = new Router(options);
    this.#scopes = new Router({ ...options, trailingSlash: "ignore" });
    this.#fail = fail;
  }

  /** The scope around everything. */
  get root(): Scope {
    return this.#root;
  }

  add(
    method: string,
    pattern: string,
    options: RouteOptions,
    handler: Handler<never, Env>,
    scope: Scope,
  ): void {
    const { name } = options;
    const known = name === undefined ? undefined : this.#names.get(name);
    if (known !== undefined && known !== pattern) {
      throw new Error(
        `Cannot add route "${method} ${pattern}": ` +
          `the name "${name}" is that of "${known}"`,
      );
    }
    const route = new Route(
      method,
      pattern,
      { timeout: this.#timeout, ...options },
      handler,
      scope,
      this.#fail,
    );
    this.#router.add(method, pattern, route);
    this.#routes.push(route);
    if (name !== undefined) this.#names.set(name, pattern);
  }

  find(method: string, path: string): Match<Route> | null {
    return this.#router.find(method, path);
  }

  allowed(path: string): string[] {
    return this.#router.allowed(path);
  }

  /** Every method that some route answers. */
  methods(): string[] {
    const methods = new Set(this.#routes.map((route) => route.method));
    if (methods.has("GET")) methods.add("HEAD");
    return [...methods];
  }

  list(): RouteInfo[] {
    return this.#routes.map(({ method, pattern, name, source }) => ({
      method,
      pattern,
      name,
      source,
    }));
  }

  urlFor(
    name: string,
    params: Record<string, string | number> = {},
    query: Record<string, string | number> = {},
  ): string {
    const pattern = this.#names.get(name);
    if (pattern === undefined) {
      throw new TypeError(`Cannot write the path of "${name}": no such route`);
    }
    let variants = this.#parsed.get(pattern);
    if (variants === undefined) {
      variants = parsePattern(pattern, true);
      this.#parsed.set(pattern, variants);
    }
    return writePath(pattern, variants, params, query);
  }

  /** Makes the middleware of a group known for paths without a route. */
  addScope(prefix: string, scope: Scope): void {
    // Names of parameters do not tell prefixes apart.
    const shape = prefix === "" ? "" : JSON.stringify(
      parsePattern(prefix, this.#caseSensitive),
      (key, value) => key === "name" || key === "names" ? undefined : value,
    );
    const known = this.#prefixes.get(shape);
    if (known !== undefined) {
      known.push(scope);
      return;
    }
    const scopes = [scope];
    this.#prefixes.set(shape, scopes);
    if (prefix === "") return;
    this.#scopes.add("*", prefix, scopes);
    this.#scopes.add("*", `${prefix}/*`, scopes);
  }

  /** Called when a scope has new middleware. */
  recompose(): void {
    for (const route of this.#routes) route.recompose();
  }

  /** Answers where there is no route, with the middleware of the place. */
  runMiss(
    ctx: AnyContext,
    path: string,
    miss: Run,
  ): Response | Promise<Response> {
    let scopes: Scope[] | undefined;
    try {
      scopes = this.#scopes.find("*", path)?.value;
    } catch {
      scopes = undefined; // No path at all: the root alone.
    }
    scopes ??= this.#prefixes.get("");
    const deepest = scopes?.find((scope) => scope.middleware.length > 0) ??
      scopes?.[0] ?? this.#root;
    const middleware = middlewareOf(deepest);
    if (middleware.length === 0) return miss(ctx);
    return compose(middleware, miss, this.#fail)(ctx);
  }
}
