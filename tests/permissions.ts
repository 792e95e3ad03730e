/**
 * Tests that need a permission are left out where it is not granted, so that a
 * plain `deno test` passes; one line a file says which, and the last line of
 * `deno test` how many. With ORESTY_CI=1 a missing permission is an error
 * instead: nothing is left out silently there.
 */
type Name = "run" | "net" | "read" | "write" | "env" | "sys";

const missing = new Set<Name>();

/** Whether all of the permissions are granted. */
export function needs(...names: Name[]): boolean {
  const lacking = names.filter((name) => !granted(name));
  if (lacking.length === 0) return true;
  if (isStrict()) {
    throw new Error(
      `Cannot leave out a test: ORESTY_CI is set and permissions are ` +
        `missing, expected ${
          lacking.map((name) => `--allow-${name}`).join(" ")
        }`,
    );
  }
  if (missing.size === 0) addEventListener("unload", report);
  for (const name of lacking) missing.add(name);
  return false;
}

/** Whether tests must not be left out. */
export function isStrict(): boolean {
  return granted("env") && Deno.env.get("ORESTY_CI") === "1";
}

function granted(name: Name): boolean {
  return Deno.permissions.querySync({ name }).state === "granted";
}

function report(): void {
  const flags = [...missing].map((name) => `--allow-${name}`).join(" ");
  console.log(`ignored: tests that need ${flags}`);
}
