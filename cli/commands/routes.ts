import type { Command } from "../command.ts";
import { UsageError } from "../command.ts";
import { appFile } from "../_project.ts";
import { pathToFileURL } from "node:url";

interface RouteInfo {
  readonly method: string;
  readonly pattern: string;
  readonly name?: string | undefined;
  readonly source?: string | undefined;
}

/** `oresty routes`: what answers where. */
export const routes: Command = {
  name: "routes",
  usage: "",
  summary: "List the routes: method, pattern, name, source",
  options: {
    json: { type: "boolean", help: "Print JSON" },
  },
  words: [0, 0],
  run: async ({ values }, at) => {
    const file = await appFile(at.cwd);
    const module = await import(pathToFileURL(file).href);
    if (typeof module.default?.routes !== "function") {
      throw new UsageError(
        `Cannot list the routes of "${file}": its default export is no app, ` +
          `expected "export default app"`,
      );
    }
    const list: RouteInfo[] = module.default.routes();
    for (const line of values["json"] ? [JSON.stringify(list)] : table(list)) {
      at.print(line);
    }
    return 0;
  },
};

function table(routes: readonly RouteInfo[]): string[] {
  const rows = [
    ["METHOD", "PATTERN", "NAME", "SOURCE"],
    ...routes.map(({ method, pattern, name, source }) => [
      method,
      pattern,
      name ?? "-",
      source ?? "-",
    ]),
  ];
  const widths = rows[0]!.map((_, i) =>
    Math.max(...rows.map((row) => row[i]!.length))
  );
  return rows.map((row) =>
    row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd()
  );
}
