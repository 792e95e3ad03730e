import { findFolders } from "./_folders.ts";
import { markOf, marksOf } from "./_files.ts";

/** What is watched. */
export interface Watched {
  /** The folder with the configuration's folders. */
  readonly dir: string;
  /** The environment that was asked for. */
  readonly env: string | undefined;
  /** The file of variables. */
  readonly envFile: string | null;
}

/**
 * Looks after files by their times and sizes. Not by the system's events: those
 * of a folder say nothing of edits behind a link, and a watcher of theirs keeps
 * the process alive.
 *
 * @param read The fingerprint from before the files were last read, by whomever.
 * @param seconds Between two looks; a change counts when two looks agree on it,
 * so that a file that is still being written is not read.
 * @param changed Reads the files; never rejects.
 * @returns Ends it, and resolves when a look that was under way is done.
 */
export function watch(
  watched: Watched,
  read: () => string,
  seconds: number,
  changed: () => Promise<void>,
): () => Promise<void> {
  let last = read();
  let ended = false;
  let looking: Promise<void> | null = null;
  const look = async () => {
    const now = await fingerprint(watched);
    if (ended) return;
    if (now !== read() && now === last) await changed();
    last = now;
  };
  const tick = () => {
    looking ??= look().finally(() => looking = null);
  };
  const timer = setInterval(tick, seconds * 1000);
  Deno.unrefTimer(timer);
  return async () => {
    ended = true;
    clearInterval(timer);
    await looking;
  };
}

/** The names, times and sizes of all files; a folder that cannot be read has one too. */
export async function fingerprint(watched: Watched): Promise<string> {
  const { dir, env, envFile } = watched;
  try {
    const { defaults, current } = await findFolders(dir, env);
    const marks: string[] = [];
    for (const folder of [defaults, current]) {
      if (folder === null) continue;
      marks.push(folder, await marksOf(folder));
    }
    if (envFile !== null) marks.push(await markOf(envFile));
    return marks.join("\n");
  } catch (error) {
    return `broken: ${(error as Error).message}`;
  }
}
