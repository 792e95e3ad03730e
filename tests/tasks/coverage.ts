/**
 * Measures the coverage of the published members; the thresholds stand in
 * deno.json. Benchmarks, examples and tests do not count.
 */
import { publishedMembers, repository } from "../workspace.ts";

const APART = [
  "tests/examples",
  "tests/published_test.ts",
  "tests/jsr_example_test.ts",
  "tests/*/*exit_test.ts",
  "tests/*/*soak_test.ts",
  "tests/cache/third_tier_end_test.ts",
  "tests/cache/*_hosts_test.ts",
  "tests/stat/status_browser_test.ts",
  "tests/stat/prometheus_test.ts",
  "tests/cli/ten_minutes_test.ts",
];

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
    // What they run are child processes, which are not counted.
    `--ignore=${APART.join(",")}`,
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
