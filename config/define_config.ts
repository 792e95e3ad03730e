import { checkOptions, type Duration, type Size } from "@oresty/core";
import type { Environment } from "./_environment.ts";
import { Layers } from "./_layers.ts";
import { watch } from "./_watch.ts";
import { within } from "./_within.ts";
import { Config } from "./config.ts";
import { asConfigError, ConfigError } from "./config_error.ts";
import type { ConfigOutput, ConfigSchema } from "./schema.ts";
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
  /**
   * How long a source may take to answer, and the publisher to take the first
   * configuration, in seconds.
   *
   * @default {10}
   */
  sourceTimeout?: Duration;
  /** Takes each accepted configuration. */
  publisher?: Publisher;
  /**
   * Whether changed files are read again, or how often they are looked at, in
   * seconds, at least 0.01; `true` is 0.25. Modules are read once.
   *
   * @default {false}
   */
  watch?: boolean | Duration;
  /**
   * Bytes of a file.
   *
   * @default {"1m"}
   */
  fileLimit?: Size;
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
  "sourceTimeout",
  "overrides",
  "publisher",
  "watch",
  "fileLimit",
  "environment",
];

/**
 * Reads a configuration: `config_default/*` < `config_<env>/*` < sources <
 * `.env` < environment < overrides. A file `redis.json` (also jsonc, toml,
 * and modules with a default export) is the part `redis`; `config.json` stands
 * at the top.
 *
 * Needs to read `dir`, and the environment variables that the schema names.
 *
 * @typeParam S The schema.
 * @throws {ConfigError} With everything that is wrong.
 * @throws {TypeError} On an unknown option, or what is no schema.
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
  const layers = new Layers(options);
  const { watched, seconds, sourceTimeout } = layers;
  const load = () => layers.load() as Promise<ConfigOutput<S>>;
  const value = await load();
  const { publisher, sources = [] } = options;
  const config = new Config<ConfigOutput<S>>(
    layers.env,
    value,
    load,
    (version, value) => publisher?.publish(version, value),
  );
  let place = "publisher";
  try {
    await within(sourceTimeout, publisher?.publish(1, value));
    for (const source of sources) {
      place = source.name;
      const end = await within(
        sourceTimeout,
        source.subscribe?.(() => void config.reload()),
      );
      if (end !== undefined) config.onClose(end);
    }
  } catch (error) {
    await config.close();
    throw asConfigError(place, error);
  }
  if (seconds !== null) {
    config.onClose(
      watch(
        watched,
        () => layers.mark,
        seconds,
        async () => void await config.reload(),
      ),
    );
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
