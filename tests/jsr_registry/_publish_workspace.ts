import { join } from "node:path";
import { memberFolders } from "../workspace.ts";
import { runDeno } from "../deno_child.ts";

const FILES_LIMIT = 5_000;
const BYTES_LIMIT = 64 * 1024 * 1024;

/**
 * Runs a real `deno publish` of a workspace's members.
 *
 * It works on a copy of the root's files and the members' folders, so that the
 * result depends neither on the state of git nor on what else lies in the root.
 *
 * @param root Folder of the workspace.
 * @param url The registry's address.
 * @param token What the registry expects.
 * @throws {Error} with all that `deno publish` printed when it fails.
 */
export async function publishWorkspace(
  root: string,
  url: string,
  token: string,
): Promise<void> {
  const copy = await Deno.makeTempDir({ prefix: "oresty_publish_" });
  try {
    await copyWorkspace(root, copy);
    const { code, stdout, stderr } = await runDeno([
      "publish",
      "--token",
      token,
      "--allow-dirty",
      "--no-provenance",
    ], { cwd: copy, env: { JSR_URL: url }, timeout: 300 });
    if (code !== 0) {
      throw new Error(
        `Cannot publish "${root}": deno publish ended with ${code}\n${stdout}${stderr}`,
      );
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

async function copyWorkspace(from: string, to: string): Promise<void> {
  const left = { files: FILES_LIMIT, bytes: BYTES_LIMIT };
  await copyFiles(from, to, false, left);
  for (const folder of await memberFolders(from)) {
    await copyFiles(join(from, folder), join(to, folder), true, left);
  }
}

async function copyFiles(
  from: string,
  to: string,
  deep: boolean,
  left: { files: number; bytes: number },
): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isFile && !entry.name.startsWith(".env")) {
      left.files--;
      left.bytes -= (await Deno.stat(source)).size;
      if (left.files < 0 || left.bytes < 0) {
        throw new RangeError(
          `Cannot copy "${from}": more than ${FILES_LIMIT} files or ${BYTES_LIMIT} bytes`,
        );
      }
      await Deno.copyFile(source, target);
    } else if (deep && entry.isDirectory && !isForeign(entry.name)) {
      await copyFiles(source, target, true, left);
    }
  }
}

/** Folders that no version control keeps. */
function isForeign(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}
