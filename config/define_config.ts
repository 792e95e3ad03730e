import { checkOptions, parseDuration, parseSize } from "@oresty/core";
import {
  type Environment,
  environmentTree,
  processEnvironment,
  readEnvFile,
} from "./_environment.ts";
import { freeze } from "./_equal.ts";
import { assertPlain, mergeInto, readFolder } from "./_files.ts";
import { findFolders } from "./_folders.ts";
import { watch } from "./_watch.ts";
import { Config } from "./config.ts";
import { ConfigError, type Problem } from "./config_error.ts";
import {
  check,
  type ConfigOutput,
  type ConfigSchema,
  isStandard,
  type Tree,
  variablesOf,
} from "./schema.ts";
import type { Publisher, Source } from "./source.ts";

/** How a configuration is made. */
export interface ConfigOptions<S extends ConfigSchema> {
  /** What it must be: readers by name, or any Standard Schema. */
  schema: S;
  /**
   * Where `config_default`, `config_<env>` and the link `config` are.
   *
   * @default {the working directory}
   */
  dir?: string | URL;
  /**
   * The environment; wins over the link.
   *
   * @default {ORESTY_ENV where it may be read}
   */
  env?: string;
  /**
   * Environment variables and the paths they set, `{ REDIS_PORT: "redis.port" }`,
   * beside those that readers name.
   */
  variables?: Readonly<Record<string, string>>;
  /**
   * The file of further variables below `dir`; those of the process win.
   * `false` reads none.
   *
   * @default {".env"}
   */
  envFile?: string | false;
  /** Layers over the files and under the environment, the last one on top. */
  sources?: readonly Source[];
  /** The topmost layer: what the code says. */
  overrides?: Readonly<Record<string, unknown>>;
  /** Takes each accepted configuration. */
  publisher?: Publisher;
  /**
   * Whether changed files are read again, or how often they are looked at, in
   * seconds. Modules are read once.
   *
   * @default {false}
   */
  watch?: boolean | number | string;
  /**
   * Bytes of a file.
   *
   * @default {"1m"}
   */
  fileLimit?: number | string;
  /** Gives variables in place of the process, for tests. */
  environment?: Environment;
}

const OPTIONS: readonly (keyof ConfigOptions<ConfigSchema>)[] = [
  "schema",
  "dir",
  "env",
  "variables",
  "envFile",
  "sources",
  "overrides",
  "publisher",
  "watch",
  "fileLimit",
  "environment",
];

/**
 * Reads a configuration: `config_default/*` < `config_<env>/*` < sources <
 * environment and `.env` < overrides. A file `redis.json` (also jsonc, toml,
 * and modules with a default export) is the part `redis`; `config.json` stands
 * at the top.
 *
 * Needs to read `dir`, and the environment variables that the schema names.
 *
 * @typeParam S The schema.
 * @throws {ConfigError} With everything that is wrong.
 * @throws {TypeError} On an unknown option.
 *
 * @example
 * ```ts
 * import { defineConfig, duration, int, secret } from "@oresty/config";
 * import { assertEquals } from "@std/assert";
 *
 * const config = await defineConfig({
 *   schema: {
 *     port: int({ default: 2233, env: "PORT", min: 0, max: 65535 }),
 *     redis: {
 *       password: secret({ env: "REDIS_PASSWORD" }),
 *       timeout: duration({ default: 0.5 }),
 *     },
 *   },
 *   dir: await Deno.makeTempDir(),
 *   environment: (name) => name === "REDIS_PASSWORD" ? "1234" : undefined,
 * });
 * assertEquals(config.value.port, 2233);
 * assertEquals(`${config.value.redis.password}`, "[secret]");
 * ```
 */
export async function defineConfig<const S extends ConfigSchema>(
  options: ConfigOptions<S>,
): Promise<Config<ConfigOutput<S>>> {
  checkOptions("defineConfig", options, OPTIONS);
  const setup = new Setup(options);
  const value = await setup.load();
  const { publisher, sources = [] } = options;
  const publish = async (version: number, value: unknown) => {
    await publisher?.publish(version, value);
  };
  const config = new Config<ConfigOutput<S>>(
    setup.env,
    value as ConfigOutput<S>,
    () => setup.load() as Promise<ConfigOutput<S>>,
    publish,
  );
  await publish(1, value);
  for (const source of sources) {
    const end = await source.subscribe?.(() => void config.reload());
    if (end !== undefined) config.onClose(end);
  }
  const often = options.watch ?? false;
  if (often !== false) {
    const seconds = often === true ? 0.25 : parseDuration(often, "watch");
    config.onClose(watch(
      setup.dir,
      setup.wanted,
      setup.envFile,
      seconds,
      async () => void await config.reload(),
    ));
  }
  return config;
}

/**
 * Reads a configuration as {@linkcode defineConfig} does; one that is wrong is
 * printed whole and ends the process with code 78.
 */
export async function configOrExit<const S extends ConfigSchema>(
  options: ConfigOptions<S>,
): Promise<Config<ConfigOutput<S>>> {
  try {
    return await defineConfig(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // deno-lint-ignore no-console -- the last words of the process
    console.error(error.message);
    Deno.exit(78);
  }
}

/** The options read once, and the layers as often as asked. */
class Setup {
  readonly dir: string;
  readonly wanted: string | undefined;
  readonly envFile: string | null;
  env = "dev";
  readonly #options: ConfigOptions<ConfigSchema>;
  readonly #environment: Environment;
  readonly #limit: number;
  readonly #variables: readonly (readonly [string, readonly string[]])[];

  constructor(options: ConfigOptions<ConfigSchema>) {
    const { schema, dir = ".", envFile = ".env" } = options;
    this.#options = options;
    this.#environment = options.environment ?? processEnvironment;
    this.#limit = parseSize(options.fileLimit ?? "1m", "fileLimit");
    this.dir = pathOf(dir);
    this.envFile = envFile === false ? null : `${this.dir}/${envFile}`;
    this.wanted = options.env ?? (this.#environment("ORESTY_ENV") || undefined);
    this.#variables = [
      ...isStandard(schema) ? [] : variablesOf(schema),
      ...Object.entries(options.variables ?? {})
        .map(([name, path]) => [name, path.split(".")] as const),
    ];
  }

  async load(): Promise<unknown> {
    const { schema, sources = [], overrides = {} } = this.#options;
    const problems: Problem[] = [];
    const tree: Tree = {};
    const lay = (name: string, layer: Tree) => {
      try {
        assertPlain(layer, 64);
        mergeInto(tree, layer);
      } catch (error) {
        problems.push({ path: name, message: (error as Error).message });
      }
    };

    const folders = await findFolders(this.dir, this.wanted);
    this.env = folders.env;
    for (
      const [label, folder] of [
        ["config_default", folders.defaults],
        [`config_${folders.env}`, folders.current],
      ] as const
    ) {
      if (folder === null) continue;
      const read = await readFolder(folder, label, this.#limit);
      if (read === null) continue;
      problems.push(...read.problems);
      mergeInto(tree, read.tree);
    }
    for (const source of sources) {
      lay(source.name, { ...await source.current() });
    }
    lay("environment", environmentTree(this.#variables, await this.#lookup()));
    lay("overrides", { ...overrides });

    const checked = await check(schema, tree);
    if ("problems" in checked) problems.push(...checked.problems);
    if (problems.length > 0) throw new ConfigError(problems);
    const { value } = checked as { value: unknown };
    freeze(value);
    return value;
  }

  async #lookup(): Promise<Environment> {
    const file = this.envFile === null
      ? {}
      : await readEnvFile(this.envFile, this.#limit);
    return (name) => this.#environment(name) || file[name];
  }
}

function pathOf(dir: string | URL): string {
  if (dir instanceof URL) {
    if (dir.protocol !== "file:") {
      throw new TypeError(
        `Cannot read a configuration from "${dir}": expected a local folder`,
      );
    }
    return decodeURIComponent(dir.pathname).replace(/(?<=.)\/$/, "");
  }
  return dir === "" ? "." : dir.replace(/(?<=.)\/$/, "");
}
