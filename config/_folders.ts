import { nearest } from "@oresty/core";
import { ConfigError } from "./config_error.ts";

/** The folders that a configuration is made of. */
export interface Folders {
  /** `dev`, `prod`. */
  readonly env: string;
  /** The real folder of the defaults, or null. */
  readonly defaults: string | null;
  /** The real folder of the environment, or null. */
  readonly current: string | null;
}

/**
 * Finds the folders: those of the environment that is asked for, else of the
 * link `config`, else of `dev`. The link is followed once, so that a swap of it
 * never mixes two environments.
 *
 * @throws {ConfigError} When the environment that is asked for has no folder,
 * or `config` is no link to one.
 */
export async function findFolders(
  dir: string,
  wanted: string | undefined,
): Promise<Folders> {
  if (await realFolder(dir) === null) {
    throw new ConfigError([{ path: dir, message: "is missing" }]);
  }
  const defaults = await realFolder(`${dir}/config_default`);
  if (wanted !== undefined) {
    if (!/^[A-Za-z0-9_-]+$/.test(wanted)) {
      throw new ConfigError([{
        path: "ORESTY_ENV",
        message: `"${wanted}" was given, expected letters, digits, "-", "_"`,
      }]);
    }
    const current = await realFolder(`${dir}/config_${wanted}`);
    if (current === null && (defaults === null || wanted !== "dev")) {
      throw await missing(dir, `config_${wanted}`);
    }
    return { env: wanted, defaults, current };
  }
  const target = await linkTarget(`${dir}/config`);
  if (target === null) {
    const current = await realFolder(`${dir}/config_dev`);
    return { env: "dev", defaults, current };
  }
  const env = /(?:^|\/)config_([A-Za-z0-9_-]+)\/?$/.exec(target)?.[1];
  if (env === undefined) {
    throw new ConfigError([{
      path: "config",
      message: `is a link to "${target}", expected one to config_<env>`,
    }]);
  }
  const current = await realFolder(
    target.startsWith("/") ? target : `${dir}/${target}`,
  );
  if (current === null) throw await missing(dir, target);
  return { env, defaults, current };
}

async function missing(dir: string, folder: string): Promise<ConfigError> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(dir)) {
    if (name.startsWith("config_") && !isFile) names.push(name);
  }
  const guess = nearest(folder, names.filter((name) => name !== folder));
  return new ConfigError([{
    path: folder,
    message: "is missing" +
      (guess === undefined ? "" : `, did you mean "${guess}"?`),
  }]);
}

async function linkTarget(path: string): Promise<string | null> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  if (info.isSymlink) return await Deno.readLink(path);
  throw new ConfigError([{
    path: "config",
    message: "is a file or folder of its own, expected a link to config_<env>",
  }]);
}

async function realFolder(path: string): Promise<string | null> {
  try {
    const real = await Deno.realPath(path);
    if ((await Deno.stat(real)).isDirectory) return real;
  } catch (error) {
    // A link to itself is no folder either: the system gives up on it.
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory ||
      error instanceof Deno.errors.FilesystemLoop
    ) return null;
    throw error;
  }
  throw new ConfigError([{ path, message: "is a file, expected a folder" }]);
}
