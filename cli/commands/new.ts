import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { scaffold } from "../_scaffold.ts";

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
    const folder = name.startsWith("/") ? name : `${at.cwd}/${name}`;
    await assertEmpty(folder, name);
    const link = values["link"];
    const files = scaffold({
      name: folder.split("/").findLast((part) => part !== "")!,
      links: typeof link === "string" ? await linksOf(at.cwd, link) : [],
    });
    for (const { path, text, executable } of files) {
      const file = `${folder}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeTextFile(file, text, {
        createNew: true,
        mode: executable ? 0o755 : 0o644,
      });
    }
    at.print(`Made ${name}: ${files.length} files`);
    at.print("");
    at.print(`  cd ${name}`);
    at.print("  bash check-env.sh");
    at.print("  deno task dev");
    return 0;
  },
};

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
      throw new UsageError(`Cannot make "${name}": it is a file`);
    }
    throw error;
  }
}

/** The folders of the published members of a checkout. */
async function linksOf(cwd: string, checkout: string): Promise<string[]> {
  const root = await Deno.realPath(
    checkout.startsWith("/") ? checkout : `${cwd}/${checkout}`,
  ).catch(() => {
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
  } catch {
    throw new UsageError(`Cannot link "${checkout}": it is no checkout`);
  }
  return links;
}
