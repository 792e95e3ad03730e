import { findFolders, type Folders } from "./_folders.ts";
import { listFiles } from "./_files.ts";

/**
 * Looks after files by their times and sizes. Not by the system's events: those
 * of a folder say nothing of edits behind a link, and a watcher of theirs keeps
 * the process alive.
 *
 * @param seconds Between two looks; a change counts when two looks agree on it,
 * so that a file that is still being written is not read.
 * @returns Ends it, and resolves when a look that was under way is done.
 */
export function watch(
  dir: string,
  env: string | undefined,
  envFile: string | null,
  seconds: number,
  changed: () => Promise<void>,
): () => Promise<void> {
  let accepted: string | null = null;
  let last: string | null = null;
  let ended = false;
  let looking: Promise<void> | null = null;
  const look = async () => {
    const now = await fingerprint(dir, env, envFile);
    if (ended) return;
    accepted ??= now;
    if (now !== accepted && now === last) {
      accepted = now;
      await changed();
    }
    last = now;
  };
  const tick = () => {
    looking ??= look().finally(() => looking = null);
  };
  const timer = setInterval(tick, seconds * 1000);
  Deno.unrefTimer(timer);
  tick();
  return async () => {
    ended = true;
    clearInterval(timer);
    await looking;
  };
}

async function fingerprint(
  dir: string,
  env: string | undefined,
  envFile: string | null,
): Promise<string> {
  let folders: Folders;
  try {
    folders = await findFolders(dir, env);
  } catch (error) {
    return `broken: ${(error as Error).message}`;
  }
  const marks: string[] = [];
  for (const folder of [folders.defaults, folders.current]) {
    if (folder === null) continue;
    marks.push(folder);
    for (const name of await listFiles(folder) ?? []) {
      marks.push(await markOf(`${folder}/${name}`));
    }
  }
  if (envFile !== null) marks.push(await markOf(envFile));
  return marks.join("\n");
}

async function markOf(path: string): Promise<string> {
  try {
    const { mtime, size, ino } = await Deno.stat(path);
    return `${path} ${mtime?.getTime()} ${size} ${ino}`;
  } catch {
    return `${path} none`;
  }
}
