/**
 * Makes `config` a link to `config_<env>`. The link is replaced in one step, so
 * that a running service sees the one or the other; `ln -s` alone would put a
 * second link inside of the folder that the first one leads to.
 *
 * @returns What was done.
 * @throws {Error} When `config` is no link but a file or folder of its own.
 */
export async function linkConfig(cwd: string, env: string): Promise<string> {
  const target = `config_${env}`;
  if (!await isFolder(`${cwd}/${target}`)) {
    throw new Error(`config cannot be linked: ${target} is missing`);
  }
  const link = `${cwd}/config`;
  const known = await readLink(link);
  if (known === target) return `config -> ${target}`;
  const fresh = `${link}.${crypto.randomUUID()}`;
  await Deno.symlink(target, fresh, { type: "dir" });
  try {
    await Deno.rename(fresh, link);
  } catch (error) {
    await Deno.remove(fresh);
    throw error;
  }
  return `config -> ${target}${known === null ? "" : ` (was ${known})`}`;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function readLink(path: string): Promise<string | null> {
  try {
    const info = await Deno.lstat(path);
    if (info.isSymlink) return (await Deno.readLink(path)).replace(/\/$/, "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  throw new Error(
    `config is no link, expected one to config_<env>: move it to another name`,
  );
}
