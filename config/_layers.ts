import { type Duration, parseDuration, parseSize } from "@oresty/core";
import {
  type Environment,
  environmentTree,
  processEnvironment,
  readEnvFile,
} from "./_environment.ts";
import { freeze } from "./_equal.ts";
import { assertPlain, mergeInto, readFolder } from "./_files.ts";
import { findFolders } from "./_folders.ts";
import { fingerprint, type Watched } from "./_watch.ts";
import { within } from "./_within.ts";
import {
  asConfigError,
  ConfigError,
  type Problem,
  reasonOf,
} from "./config_error.ts";
import type { ConfigOptions } from "./define_config.ts";
import {
  assertSchema,
  check,
  type ConfigSchema,
  isStandard,
  isTree,
  type Tree,
  variablesOf,
} from "./schema.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** What the files hold. */
interface Files {
  readonly tree: Tree;
  readonly problems: Problem[];
  readonly variables: Variables;
}

/** Files that change all the time are taken as they are after so many reads. */
const READS = 5;

/** The layers of a configuration: options read once, files as often as asked. */
export class Layers {
  readonly watched: Watched;
  /** Between two looks at the files; null when nobody looks. */
  readonly seconds: number | null;
  /** Seconds that a source may take. */
  readonly sourceTimeout: number;
  /** `dev`, `prod`: of the last load. */
  env = "dev";
  /** What the files were like at the last load. */
  mark = "";
  readonly #options: ConfigOptions<ConfigSchema>;
  readonly #environment: Environment;
  readonly #limit: number;
  readonly #variables: readonly (readonly [string, readonly string[]])[];

  constructor(options: ConfigOptions<ConfigSchema>) {
    const { schema, dir = ".", envFile = ".env", watch = false } = options;
    assertSchema(schema);
    this.#options = options;
    this.#environment = options.environment ?? processEnvironment;
    this.#limit = parseSize(options.fileLimit ?? "1m", "fileLimit");
    this.sourceTimeout = secondsOf(
      options.sourceTimeout ?? 10,
      "sourceTimeout",
    );
    this.seconds = watch === false
      ? null
      : secondsOf(watch === true ? 0.25 : watch, "watch");
    const path = pathOf(dir);
    this.watched = {
      dir: path,
      env: options.env ?? (this.#environment("ORESTY_ENV") || undefined),
      envFile: envFile === false ? null : `${path}/${envFile}`,
    };
    this.#variables = [
      ...isStandard(schema) ? [] : variablesOf(schema),
      ...Object.entries(options.variables ?? {})
        .map(([name, path]) => [name, path.split(".")] as const),
    ];
  }

  /**
   * Makes the value of all layers.
   *
   * @throws {ConfigError} With everything that is wrong.
   */
  async load(): Promise<unknown> {
    const { schema, sources = [], overrides = {} } = this.#options;
    const { tree, problems, variables } = await this.#readSettledFiles();
    const attempt = attemptInto(problems);
    const lay = (layer: unknown) => {
      if (!isTree(layer)) throw new TypeError("expected an object");
      assertPlain(layer);
      mergeInto(tree, layer);
    };
    for (const source of sources) {
      await attempt(
        source.name,
        async () => lay(await within(this.sourceTimeout, source.current())),
      );
    }
    const lookup: Environment = (name) =>
      this.#environment(name) || variables[name];
    await attempt(
      "environment",
      () => lay(environmentTree(this.#variables, lookup)),
    );
    await attempt("overrides", () => lay(overrides));

    let value: unknown;
    await attempt("schema", async () => {
      const checked = await check(schema, tree);
      if ("problems" in checked) problems.push(...checked.problems);
      else value = checked.value;
    });
    if (problems.length > 0) throw new ConfigError(problems);
    freeze(value);
    return value;
  }

  /**
   * Files that were replaced while they were read, as by a swap of a link that
   * they lead through, are all read again: no mix of old and new comes out.
   */
  async #readSettledFiles(): Promise<Files> {
    let before = await fingerprint(this.watched);
    for (let reads = 1;; reads++) {
      this.mark = before;
      const files = await this.#readFiles();
      const after = await fingerprint(this.watched);
      if (before === after || reads === READS) return files;
      before = after;
    }
  }

  async #readFiles(): Promise<Files> {
    const { dir, env, envFile } = this.watched;
    const tree: Tree = {};
    const problems: Problem[] = [];
    const attempt = attemptInto(problems);
    const folders = await findFolders(dir, env)
      .catch((error) => Promise.reject(asConfigError(dir, error)));
    this.env = folders.env;
    for (
      const [label, folder] of [
        ["config_default", folders.defaults],
        [`config_${folders.env}`, folders.current],
      ] as const
    ) {
      if (folder === null) continue;
      await attempt(label, async () => {
        const read = await readFolder(folder, label, this.#limit);
        if (read === null) return;
        problems.push(...read.problems);
        mergeInto(tree, read.tree);
      });
    }
    let variables: Variables = {};
    if (envFile !== null) {
      await attempt(this.#options.envFile || ".env", async () => {
        variables = await readEnvFile(envFile, this.#limit);
      });
    }
    return { tree, problems, variables };
  }
}

function attemptInto(problems: Problem[]) {
  return async (path: string, fn: () => unknown): Promise<void> => {
    try {
      await fn();
    } catch (error) {
      problems.push({ path, message: reasonOf(error) });
    }
  };
}

/** Seconds that a timer can wait. */
function secondsOf(value: Duration, name: string): number {
  const seconds = parseDuration(value, name);
  if (seconds >= 0.01 && seconds <= 86_400) return seconds;
  throw new RangeError(
    `Cannot use ${name} "${value}": expected between 10 ms and a day`,
  );
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
