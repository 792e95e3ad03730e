import { readText } from "./_files.ts";
import { isTree, type Tree } from "./schema.ts";

/** Where variables come from: the process, or a test's own. */
export type Environment = (name: string) => string | undefined;

/** The process's variables, each asked for by its own name. */
export function processEnvironment(name: string): string | undefined {
  const permission = { name: "env", variable: name } as const;
  return Deno.permissions.querySync(permission).state === "granted"
    ? Deno.env.get(name)
    : undefined;
}

/** The variables of a `.env` file; none when there is no file. */
export async function readEnvFile(
  path: string,
  limit: number,
): Promise<Readonly<Record<string, string | undefined>>> {
  let text: string;
  try {
    text = await readText(path, limit);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
  // Only here: it loads the runtime's Node layer.
  const { parseEnv } = await import("node:util");
  return parseEnv(text) as Record<string, string | undefined>;
}

/**
 * Puts variables at their paths; an empty one is none.
 *
 * @throws {TypeError} When the path of one leads through another's.
 */
export function environmentTree(
  variables: readonly (readonly [name: string, path: readonly string[]])[],
  environment: Environment,
): Tree {
  const tree: Tree = {};
  for (const [name, path] of variables) {
    const value = environment(name);
    if (value === undefined || value === "") continue;
    let at = tree;
    for (const part of path.slice(0, -1)) {
      const inner = at[part] ??= {};
      if (!isTree(inner)) throw clash(name, path);
      at = inner;
    }
    const last = path.at(-1)!;
    if (isTree(at[last])) throw clash(name, path);
    at[last] = value;
  }
  return tree;
}

function clash(name: string, path: readonly string[]): TypeError {
  return new TypeError(
    `${name} sets "${path.join(".")}", which is a part of what another ` +
      `variable sets, or the other way round`,
  );
}
