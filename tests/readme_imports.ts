import { join } from "node:path";

/** An import as a README prints it. */
export interface ReadmeImport {
  /** The README inside the repository, for example "router/README.md". */
  file: string;
  /** What is imported, for example "jsr:@oresty/router". */
  specifier: string;
  /** A statement that imports the same. */
  statement: string;
}

const FENCE = /^ *(```+|~~~+) *(?:ts|tsx|typescript)\b.*\n([^]*?)^ *\1/gm;
const STATIC =
  /^[ \t]*((?:import|export)\b(?:[^;"'`]*?\bfrom\b)?\s*(["'])([^"'\n]+)\2(?:\s*with\s*\{[^}]*\})?)/gm;
const DYNAMIC = /(\bimport\(\s*(["'`])([^"'`\n]+)\2\s*\))/g;

/** Finds what the fenced TypeScript of a README imports of `@oresty`. */
export function importsOf(file: string, markdown: string): ReadmeImport[] {
  const found: ReadmeImport[] = [];
  for (const [, , code = ""] of markdown.matchAll(FENCE)) {
    for (const pattern of [STATIC, DYNAMIC]) {
      for (const match of code.matchAll(pattern)) {
        const [, text = "", , specifier = ""] = match;
        if (!/^(jsr:\/?)?@oresty\//.test(specifier)) continue;
        const statement = pattern === DYNAMIC ? `await ${text};` : `${text};`;
        found.push({ file, specifier, statement });
      }
    }
  }
  return found;
}

/** Reads the READMEs of the root and of the folders, as far as they exist. */
export async function readReadmes(
  root: string,
  folders: string[],
): Promise<{ file: string; text: string }[]> {
  const found: { file: string; text: string }[] = [];
  for (const folder of ["", ...folders]) {
    for await (const { name } of Deno.readDir(join(root, folder))) {
      if (!/^README(\.[\w-]+)?\.md$/.test(name)) continue;
      const text = await Deno.readTextFile(join(root, folder, name));
      found.push({ file: join(folder, name), text });
    }
  }
  return found;
}
