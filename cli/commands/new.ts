import type { Command } from "../command.ts";
import { CommandError, UsageError } from "../command.ts";
import { basename, resolve } from "node:path";
import { scaffold, type ScaffoldFile } from "../_scaffold.ts";

/** `oresty new`: a service to begin with. */
export const create: Command = {
  name: "new",
  usage: "<dir> [--link <checkout>]",
  summary: "Make a service to begin with",
  options: {
    link: {
      type: "string",
      value: "checkout",
      help: "Use the modules of a local checkout of Oresty",
    },
  },
  words: [1, 1],
  run: async ({ values, positionals }, at) => {
    const name = positionals[0]!;
    if (name === "" || name.includes("\0")) {
      throw new UsageError(
        `Cannot make ${JSON.stringify(name)}: expected the name of a folder`,
      );
    }
    const folder = resolve(at.cwd, name);
    const link = values["link"];
    const files = scaffold({
      name: basename(folder) || "app",
      links: typeof link === "string" ? await linksOf(at.cwd, link) : [],
    });
    try {
      await assertEmpty(folder, name);
      for (const file of files) await write(folder, file);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      if (error instanceof Deno.errors.NotCapable) throw error;
      throw new CommandError(
        `Cannot make "${name}": ${(error as Error).message}`,
      );
    }
    at.print(`Made ${name}: ${files.length} files`);
    at.print("");
    if (folder !== resolve(at.cwd)) at.print(`  cd ${shellWord(name)}`);
    at.print("  bash check-env.sh");
    at.print("  deno task dev");
    return 0;
  },
};

async function write(folder: string, file: ScaffoldFile): Promise<void> {
  const path = `${folder}/${file.path}`;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, file.text, {
    createNew: true,
    mode: file.executable ? 0o755 : 0o644,
  });
}

/** A word as a shell takes it. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) && !text.startsWith("-")
    ? text
    : `${text.startsWith("-") ? "-- " : ""}'${text.replaceAll("'", `'\\''`)}'`;
}

async function assertEmpty(folder: string, name: string): Promise<void> {
  try {
    for await (const _ of Deno.readDir(folder)) {
      throw new UsageError(
        `Cannot make "${name}": the folder is there and not empty`,
      );
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (error instanceof Deno.errors.NotADirectory) {
      throw new UsageError(
        `Cannot make "${name}": ${
          await isFile(folder) ? "it is a file" : "a file is in its way"
        }`,
      );
    }
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}

/** The folders of the published members of a checkout. */
async function linksOf(cwd: string, checkout: string): Promise<string[]> {
  const root = await Deno.realPath(resolve(cwd, checkout)).catch((error) => {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new UsageError(`Cannot link "${checkout}": there is no such folder`);
  });
  const links: string[] = [];
  try {
    const { workspace } = JSON.parse(
      await Deno.readTextFile(`${root}/deno.json`),
    );
    for (const member of workspace as string[]) {
      const folder = `${root}/${member.replace(/^\.\//, "")}`;
      const { name } = JSON.parse(
        await Deno.readTextFile(`${folder}/deno.json`),
      );
      if (typeof name === "string") links.push(folder);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
  }
  if (links.length > 0) return links;
  throw new UsageError(
    `Cannot link "${checkout}": it is no checkout of Oresty, ` +
      `expected a deno.json with its workspace`,
  );
}
