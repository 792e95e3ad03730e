import { repository } from "./workspace.ts";

/** The flag by which a module elsewhere sees the workspace's options. */
export const CONFIG_FLAG: string = ["--config=", repository, "deno.json"]
  .join("");

/**
 * A module in a folder of its own, removed at the end of the scope. Not in the
 * repository: other tests publish what is there at the same time.
 */
export class TempModule implements AsyncDisposable {
  readonly folder: string;
  readonly path: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.path = `${folder}/main.ts`;
  }

  /** Writes a module; `@oresty/x` in it is the workspace's own folder. */
  static async write(code: string): Promise<TempModule> {
    const module = new TempModule(
      await Deno.makeTempDir({ prefix: "oresty-module-" }),
    );
    await Deno.writeTextFile(
      module.path,
      code.replaceAll(
        /from "@oresty\/(\w+)"/g,
        (_, name) =>
          `from "${repository}${name === "oresty" ? "app" : name}/mod.ts"`,
      ),
    );
    return module;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}
