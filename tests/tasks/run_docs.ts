/** Runs the code in docstrings and READMEs; prints what `deno test` prints. */
import { publishedMembers, repository } from "../workspace.ts";

const members = await publishedMembers(repository);
const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    "test",
    "-A",
    "--doc",
    // With the READMEs in them, at any depth.
    ...members.map(({ folder }) => folder),
    "README.md",
    "README.zh-CN.md",
  ],
  cwd: repository,
  stdout: "inherit",
  stderr: "inherit",
}).output();
Deno.exit(code);
