/** A folder with files, removed at the end of the scope. */
export class TestFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes a folder; the text of a name that ends in "@" is a link's target. */
  static async make(files: Record<string, string>): Promise<TestFolder> {
    const path = await Deno.realPath(
      await Deno.makeTempDir({ prefix: "oresty-config-" }),
    );
    const folder = new TestFolder(path);
    for (const [name, text] of Object.entries(files)) {
      await folder.write(name, text);
    }
    return folder;
  }

  async write(name: string, text: string): Promise<void> {
    const file = `${this.path}/${name}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), {
      recursive: true,
    });
    if (name.endsWith("@")) await this.link(name.slice(0, -1), text);
    else await Deno.writeTextFile(file, text);
  }

  /** Makes or replaces a link in one step. */
  async link(name: string, target: string): Promise<void> {
    const fresh = `${this.path}/${name}.${crypto.randomUUID()}`;
    await Deno.symlink(target, fresh);
    await Deno.rename(fresh, `${this.path}/${name}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** No variables, or these alone. */
export function variables(
  given: Record<string, string> = {},
): (name: string) => string | undefined {
  return (name) => given[name];
}

/** Waits until something is so, at most three seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("did not happen within 3 s");
}
