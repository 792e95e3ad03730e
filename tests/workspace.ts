import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A member of the workspace that is published. */
export interface Member {
  /** Package name, for example "@oresty/core". */
  name: string;
  version: string;
  /** Folder inside the workspace, for example "core". */
  folder: string;
  /** Export keys as they are written, for example "." and "./sub". */
  exports: string[];
}

/** Folder of the repository. */
export const repository: string = fileURLToPath(
  new URL("../", import.meta.url),
);

/** Reads the folders that a workspace's root `deno.json` lists. */
export async function memberFolders(root: string): Promise<string[]> {
  const { workspace } = await readConfig(root);
  if (!Array.isArray(workspace)) {
    throw new TypeError(
      `Cannot list the members of "${root}": its deno.json has no "workspace" list`,
    );
  }
  return workspace.map((folder) => String(folder).replace(/^\.\//, ""));
}

/** Reads the members that have a name, in the order of the workspace. */
export async function publishedMembers(root: string): Promise<Member[]> {
  const members: Member[] = [];
  for (const folder of await memberFolders(root)) {
    const { name, version, exports } = await readConfig(join(root, folder));
    if (name === undefined) continue;
    const keys = typeof exports === "string"
      ? ["."]
      : Object.keys(exports ?? {});
    members.push({
      name: String(name),
      version: String(version),
      folder,
      exports: keys,
    });
  }
  return members;
}

/** The files that the members export, such as "router/mod.ts". */
export async function entryPoints(root: string): Promise<string[]> {
  const files: string[] = [];
  for (const { folder } of await publishedMembers(root)) {
    const { exports } = await readConfig(join(root, folder));
    const targets = typeof exports === "string"
      ? [exports]
      : Object.values(exports as Record<string, string>);
    files.push(...targets.map((target) => join(folder, target)));
  }
  return files;
}

async function readConfig(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await Deno.readTextFile(join(folder, "deno.json")));
}
