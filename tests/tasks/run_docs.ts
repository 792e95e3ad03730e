/** Runs the code in docstrings and READMEs; prints what `deno test` prints. */
import { publishedMembers, repository } from "../workspace.ts";

const members = await publishedMembers(repository);
const readmes = ["README.md", "README.zh-CN.md", "router/middleware/README.md"]
  .filter(exists);
const { code } = await new Deno.Command(Deno.execPath(), {
  args: [
    "test",
    "-A",
    "--doc",
    ...members.map(({ folder }) => folder),
    ...readmes,
  ],
  cwd: repository,
  stdout: "inherit",
  stderr: "inherit",
}).output();
Deno.exit(code);

function exists(file: string): boolean {
  try {
    return Deno.statSync(new URL(file, `file://${repository}`)).isFile;
  } catch {
    return false;
  }
}
