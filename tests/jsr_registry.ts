import { contentType } from "./jsr_registry/_content_type.ts";
import {
  type PackageVersion,
  packageVersion,
  PublishError,
} from "./jsr_registry/_package_version.ts";
import { publishWorkspace } from "./jsr_registry/_publish_workspace.ts";
import { readUpload } from "./jsr_registry/_upload.ts";

export type { PackageVersion } from "./jsr_registry/_package_version.ts";

/** Options of {@linkcode startRegistry}. */
export interface RegistryOptions {
  /**
   * What a publisher must show.
   *
   * @default a random one
   */
  token?: string;
  /**
   * How many seconds old a version pretends to be. Deno does not load a version
   * younger than a day unless it is told to (`--minimum-dependency-age`).
   *
   * @default 172800
   */
  age?: number;
}

/** The state of a publication, as the API tells it. */
interface PublishingTask {
  id: string;
  status: "success" | "failure";
  error: { code: string; message: string } | null;
}

const VERSIONS_LIMIT = 200;
/** Seconds that a request may take. */
const REQUEST_DEADLINE = 60;
/** Seconds that open connections get when the registry closes. */
const CLOSE_DEADLINE = 2;

const NO_PACKAGE = "packageNotFound";
const NO_VERSION = "packageVersionNotFound";

/**
 * Starts a registry that speaks JSR's protocol on a free port of 127.0.0.1. It
 * takes what a real `deno publish` sends and serves what `jsr:` imports ask for,
 * when the environment variable `JSR_URL` holds its address.
 *
 * A publication is checked and finished within its own request, where JSR puts
 * it into a queue. JSR's look into the code (no `https:` imports, a constraint on
 * every `npm:` and `jsr:` import) is not repeated here.
 *
 * @example
 * ```ts
 * import { startRegistry } from "./jsr_registry.ts";
 *
 * await using registry = await startRegistry();
 * await registry.addPackage("@std/http", "1.0.0", {
 *   "/deno.json": `{ "name": "@std/http", "license": "MIT", "exports": "./mod.ts" }`,
 *   "/mod.ts": "export {};",
 * });
 * ```
 */
export function startRegistry(
  options: RegistryOptions = {},
): Promise<Registry> {
  const { token = crypto.randomUUID(), age = 172_800 } = options;
  return Promise.resolve(new Registry(token, age));
}

/** A running registry; made by {@linkcode startRegistry}. */
export class Registry implements AsyncDisposable {
  /** Address that ends with a slash: the value for `JSR_URL`. */
  readonly url: string;
  readonly #token: string;
  readonly #age: number;
  readonly #abort = new AbortController();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #packages = new Map<string, Map<string, PackageVersion>>();
  readonly #tasks = new Map<string, PublishingTask>();

  constructor(token: string, age: number) {
    this.#token = token;
    this.#age = age;
    this.#server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      signal: this.#abort.signal,
      onListen: () => {},
    }, (request) => this.#handle(request));
    this.url = `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  /** All versions, in the order in which they came. */
  get packages(): PackageVersion[] {
    return [...this.#packages.values()]
      .flatMap((versions) => [...versions.values()]);
  }

  /**
   * Publishes the named members of a workspace by a real `deno publish` of a copy.
   *
   * @param root Folder of the workspace.
   * @returns The versions that this publication added.
   * @throws {Error} with all that `deno publish` printed when it fails.
   */
  async publishWorkspace(root: string): Promise<PackageVersion[]> {
    const before = new Set(this.packages);
    await publishWorkspace(root, this.url, this.#token);
    return this.packages.filter((version) => !before.has(version));
  }

  /**
   * Adds a package without an upload, for a stand-in of somebody else's.
   *
   * @param name Scoped name, for example "@std/http".
   * @param files Text by path; paths start with "/", and "/deno.json" with `name`
   * and `exports` is among them.
   * @throws {Error} when JSR would refuse the package.
   */
  async addPackage(
    name: string,
    version: string,
    files: Record<string, string>,
  ): Promise<PackageVersion> {
    const encoder = new TextEncoder();
    const encoded = new Map(
      Object.entries(files).map(([path, text]) => [path, encoder.encode(text)]),
    );
    const added = await packageVersion(name, version, encoded, "/deno.json");
    this.#add(added);
    return added;
  }

  /** Stops listening; open connections get two seconds. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#abort.abort(), CLOSE_DEADLINE * 1000);
    try {
      await this.#server.shutdown();
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #add(added: PackageVersion): void {
    if (this.packages.length >= VERSIONS_LIMIT) {
      throw new PublishError("quota", `More than ${VERSIONS_LIMIT} versions`);
    }
    const versions = this.#packages.get(added.name) ?? new Map();
    versions.set(added.version, added);
    this.#packages.set(added.name, versions);
  }

  async #handle(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const api = new URLPattern({
      pathname: "/api/scopes/:scope/packages/:package{/versions/:version}?",
    }).exec({ pathname })?.pathname.groups;
    if (api !== undefined) {
      const name = `@${api["scope"]}/${api["package"]}`;
      const version = api["version"];
      if (request.method === "GET") return this.#describe(name, version);
      if (request.method === "POST" && version !== undefined) {
        const config = searchParams.get("config") ?? "";
        return await this.#receive(request, name, version, config);
      }
      return apiError(405, "methodNotAllowed");
    }
    if (request.method !== "GET") return apiError(405, "methodNotAllowed");
    const task = /^\/api\/publish_status\/([^/]+)$/.exec(pathname)?.[1];
    if (task !== undefined) {
      const found = this.#tasks.get(task);
      return found === undefined
        ? apiError(404, "publishingTaskNotFound")
        : Response.json(found);
    }
    return this.#download(decodeURIComponent(pathname));
  }

  /** JSR knows a package once its owner made it; here every name is made. */
  #describe(name: string, version: string | undefined): Response {
    const [scope, short] = name.slice(1).split("/");
    if (version === undefined) return Response.json({ scope, name: short });
    return this.#packages.get(name)?.has(version)
      ? Response.json({ scope, package: short, version, yanked: false })
      : apiError(404, NO_VERSION);
  }

  async #receive(
    request: Request,
    name: string,
    version: string,
    config: string,
  ): Promise<Response> {
    if (request.headers.get("authorization") !== `Bearer ${this.#token}`) {
      return apiError(401, "invalidBearerToken");
    }
    if (this.#packages.get(name)?.has(version)) {
      return apiError(409, "duplicateVersionPublish", {
        task: { id: "", status: "success", error: null },
      });
    }
    const task: PublishingTask = {
      id: crypto.randomUUID(),
      status: "success",
      error: null,
    };
    try {
      const late = AbortSignal.timeout(REQUEST_DEADLINE * 1000);
      const body = request.body?.pipeThrough(new TransformStream(), {
        signal: late,
      });
      const files = await readUpload(body ?? null);
      this.#add(await packageVersion(name, version, files, config));
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      task.status = "failure";
      task.error = { code: error.code, message: error.message };
    }
    this.#tasks.set(task.id, task);
    return Response.json(task);
  }

  #download(path: string): Response {
    const [, name, rest] = /^\/(@[^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
    const versions = this.#packages.get(name ?? "");
    if (versions === undefined || rest === undefined) {
      return apiError(404, NO_PACKAGE);
    }
    if (rest === "meta.json") {
      return Response.json(packageMeta(versions, this.#age));
    }
    const [, described] = /^([^/]+)_meta\.json$/.exec(rest) ?? [];
    if (described !== undefined) {
      const version = versions.get(described);
      return version === undefined ? apiError(404, NO_VERSION) : Response.json({
        manifest: version.manifest,
        exports: version.exports,
      });
    }
    const slash = rest.indexOf("/");
    const file = versions.get(rest.slice(0, slash))?.files
      .get(rest.slice(slash));
    return file === undefined
      ? apiError(404, "fileNotFound")
      : new Response(file, { headers: { "content-type": contentType(rest) } });
  }
}

function packageMeta(
  versions: ReadonlyMap<string, PackageVersion>,
  age: number,
): Record<string, unknown> {
  const all = [...versions.values()];
  const [scope, name] = (all[0]?.name ?? "").slice(1).split("/");
  const latest = all.map(({ version }) => version)
    .filter((version) => !version.includes("-"))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .at(-1) ?? null;
  const dates = all.map(({ version, publishedAt }) => {
    const createdAt = new Date(publishedAt.getTime() - age * 1000);
    return [version, { createdAt }];
  });
  return { scope, name, latest, versions: Object.fromEntries(dates) };
}

function apiError(
  status: number,
  code: string,
  data: Record<string, unknown> = {},
): Response {
  return Response.json({ code, message: code, ...data }, { status });
}
