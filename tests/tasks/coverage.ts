/**
 * Measures the coverage of the published members; the thresholds stand in
 * deno.json. Benchmarks, examples and tests do not count.
 */
import { publishedMembers, repository } from "../workspace.ts";

const profile = await Deno.makeTempDir({ prefix: "oresty-coverage-" });
const members = await publishedMembers(repository);
const folders = members.map(({ folder }) => folder).join("|");

try {
  await deno(
    "test",
    "-A",
    "--parallel",
    "--no-check",
    `--coverage=${profile}`,
    // Its own report would hold the thresholds against the tests' code as well.
    "--coverage-raw-data-only",
    "tests/",
  );
  await deno(
    "coverage",
    `--include=^file://${repository}(?:${folders})/`,
    profile,
  );
} finally {
  await Deno.remove(profile, { recursive: true });
}

async function deno(...args: string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: repository,
    env: { ORESTY_COVERAGE: "1" },
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (code !== 0) {
    await Deno.remove(profile, { recursive: true });
    Deno.exit(code);
  }
}
