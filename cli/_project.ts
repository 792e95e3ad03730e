import { UsageError } from "./command.ts";

/**
 * The program of a service.
 *
 * @throws {UsageError} When the folder holds none.
 */
export function serverFile(cwd: string): Promise<string> {
  return fileOf(cwd, "server.ts");
}

/**
 * The module of a service whose default export is its app.
 *
 * @throws {UsageError} When the folder holds none.
 */
export function appFile(cwd: string): Promise<string> {
  return fileOf(cwd, "app.ts");
}

async function fileOf(cwd: string, name: string): Promise<string> {
  const path = `${cwd}/${name}`;
  try {
    if ((await Deno.stat(path)).isFile) return path;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  throw new UsageError(
    `Cannot find a service in "${cwd}": it has no ${name}, ` +
      `expected a folder made by "oresty new"`,
  );
}
