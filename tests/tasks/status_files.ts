/**
 * Writes the files of the status page as modules, since a package that was
 * published has no other files that it could read: `deno task status:files`.
 */
import license from "uplot/LICENSE" with { type: "text" };
import script from "uplot/dist/uPlot.iife.min.js" with { type: "text" };
import style from "uplot/dist/uPlot.min.css" with { type: "text" };
import uplot from "uplot/package.json" with { type: "json" };
import { repository } from "../workspace.ts";

const FOLDER = `${repository}stat/status`;

/** The modules by their paths, as they should be. */
export async function statusModules(): Promise<Map<string, string>> {
  return new Map([
    [`${FOLDER}/_page_files.ts`, await pageModule()],
    [`${FOLDER}/_uplot.ts`, uplotModule()],
  ]);
}

async function pageModule(): Promise<string> {
  const names: string[] = [];
  for await (const { name, isFile } of Deno.readDir(`${FOLDER}/page`)) {
    if (isFile) names.push(name);
  }
  const entries: string[] = [];
  for (const name of names.sort()) {
    const text = await Deno.readTextFile(`${FOLDER}/page/${name}`);
    entries.push(`  "${name}": [\n${lines(text, "    ")}\n  ].join("\\n"),`);
  }
  return [
    "// deno-fmt-ignore-file",
    "// Made of page/ by `deno task status:files`.",
    "",
    "/** The status page's own files. */",
    "export const pageFiles: {",
    ...names.map((name) => `  readonly "${name}": string;`),
    "} = {",
    ...entries,
    "};",
    "",
  ].join("\n");
}

function uplotModule(): string {
  return [
    "// deno-fmt-ignore-file",
    `// uPlot ${uplot.version}, as it is on npm, by \`deno task status:files\`.`,
    "//",
    ...license.trim().split("\n").map((line) => `// ${line}`.trim()),
    "",
    "/** Draws the charts. */",
    "export const uplotScript =",
    `  ${JSON.stringify(script)};`,
    "",
    "/** What it needs. */",
    "export const uplotStyle =",
    `  ${JSON.stringify(style)};`,
    "",
  ].join("\n");
}

function lines(text: string, indent: string): string {
  return text.split("\n").map((line) => `${indent}${JSON.stringify(line)},`)
    .join("\n");
}

if (import.meta.main) {
  for (const [path, text] of await statusModules()) {
    await Deno.writeTextFile(path, text);
    console.log(path);
  }
}
