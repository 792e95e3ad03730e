/** Lints the documentation of every entry point of every published member. */
import { join } from "node:path";
import { entryPoints, repository } from "../workspace.ts";

const files = await entryPoints(repository);
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...files.map((file) => join(repository, file))],
  // The documentation itself; what is wrong with it goes to stderr.
  stdout: "null",
  stderr: "inherit",
}).output();
console.log(`documentation of ${files.length} entry points linted`);
Deno.exit(code);
