import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runDeno } from "./deno_child.ts";
import { type Member, publishedMembers } from "./workspace.ts";

/** Layer of each published folder; an import goes to a lower one only. */
export const layers: ReadonlyMap<string, number> = new Map([
  ["core", 0],
  ["shm", 1],
  ["config", 1],
  ["lup", 1],
  ["router", 2],
  ["cache", 2],
  ["stat", 2],
  ["swoole", 2],
  ["client", 2],
  ["etcd", 2],
  ["app", 3],
  ["cli", 4],
]);

/** What `deno info --json` tells of a module, as far as it is read here. */
interface Module {
  specifier: string;
  error?: string;
  dependencies?: {
    specifier: string;
    code?: { specifier?: string };
    type?: { specifier?: string };
  }[];
}

/** An import: who, what as it is written, and where it leads. */
interface Arrow {
  from: string;
  written: string;
  to: string;
}

/**
 * Walks the imports of all modules of the published members, those by type and
 * the literal dynamic ones too.
 *
 * @param root Folder of the workspace.
 * @returns One sentence for each import that is not allowed, sorted.
 * @throws {Error} when the graph cannot be read.
 */
export async function layerFaults(root: string): Promise<string[]> {
  const members = await publishedMembers(root);
  const faults = members
    .filter(({ folder }) => !layers.has(folder))
    .map(({ folder }) => `${folder}: has no layer in tests/layers.ts`);
  const modules: string[] = [];
  for (const { folder } of members) {
    await listModules(join(root, folder), modules);
  }
  for (const module of await readGraph(root, modules)) {
    // The imports of a module with an error are not known.
    if (module.error !== undefined && module.specifier.startsWith("file:")) {
      faults.push(`${place(module.specifier, root)}: cannot be read`);
    }
    for (const arrow of outgoing(module)) {
      const fault = arrowFault(arrow, root, members);
      if (fault !== undefined) faults.push(fault);
    }
  }
  return [...new Set(faults)].sort();
}

async function listModules(folder: string, found: string[]): Promise<void> {
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) await listModules(path, found);
    if (isFile && /\.[cm]?[jt]sx?$/.test(name)) found.push(path);
  }
}

async function readGraph(
  root: string,
  modules: string[],
): Promise<Module[]> {
  const folder = await Deno.makeTempDir({ prefix: "oresty_layers_" });
  try {
    const entry = join(folder, "entry.ts");
    const lines = modules.map((path) => `import "${pathToFileURL(path)}";\n`);
    await Deno.writeTextFile(entry, lines.join(""));
    const { code, stdout, stderr } = await runDeno([
      "info",
      "--json",
      "--no-lock",
      "--no-remote",
      "--no-npm",
      "--config",
      join(root, "deno.json"),
      entry,
    ], { cwd: root });
    if (code !== 0) throw new Error(`Cannot read the imports: ${stderr}`);
    const graph: { modules: Module[] } = JSON.parse(stdout);
    return graph.modules;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function outgoing(module: Module): Arrow[] {
  const arrows: Arrow[] = [];
  for (const { specifier, code, type } of module.dependencies ?? []) {
    const targets = new Set([code?.specifier, type?.specifier]);
    targets.delete(undefined);
    if (targets.size === 0) targets.add(specifier);
    for (const to of targets) {
      arrows.push({ from: module.specifier, written: specifier, to: to ?? "" });
    }
  }
  return arrows;
}

function arrowFault(
  { from, written, to }: Arrow,
  root: string,
  members: Member[],
): string | undefined {
  const source = place(from, root);
  const giver = memberOf(source, members);
  // Modules outside are reached through an import that is reported already.
  if (giver === undefined) return undefined;
  if (/^(npm|node|data):/.test(to)) return undefined;
  if (to.startsWith("jsr:")) {
    return /^cache\/(.*\/)?_?db_redis/.test(source)
      ? undefined
      : `${source}: imports "${written}", a JSR package of somebody else`;
  }
  if (!to.startsWith("file:")) {
    return `${source}: imports "${written}", which JSR does not take`;
  }
  const target = place(to, root);
  const receiver = memberOf(target, members);
  if (receiver === undefined) {
    return `${source}: imports "${written}" from outside the published folders`;
  }
  if (receiver === giver) return undefined;
  const [above, below] = [layers.get(giver), layers.get(receiver)];
  if (above === undefined || below === undefined) return undefined;
  if (below < above) return undefined;
  const way = below === above ? "sideways" : "up";
  return `${source}: imports "${written}", ${way} from layer ${above} to ${below}`;
}

/** Path inside the workspace with forward slashes; a foreign one keeps its URL. */
function place(url: string, root: string): string {
  const base = `${pathToFileURL(join(root, "/"))}`;
  return url.startsWith(base)
    ? fileURLToPath(`file:///${url.slice(base.length)}`).slice(1)
    : url;
}

function memberOf(path: string, members: Member[]): string | undefined {
  return members.find(({ folder }) => path.startsWith(`${folder}/`))?.folder;
}
