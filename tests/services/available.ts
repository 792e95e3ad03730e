import { isStrict, needs } from "../permissions.ts";

const missing = new Map<string, string>();
let skipped = 0;

/**
 * Whether a test can have its server. Where the server is not installed the test
 * is left out and the reason is printed at the end, with how many were; with
 * ORESTY_CI=1 that is an error instead.
 *
 * @param name What it is called.
 * @param reason Why it cannot be had; undefined when it can.
 */
export function available(name: string, reason: string | undefined): boolean {
  if (reason === undefined) return true;
  if (isStrict()) {
    throw new Error(
      `Cannot leave out a test: ORESTY_CI is set and ${name} is missing: ` +
        `${reason}, expected tests/services/install.sh to have been run`,
    );
  }
  if (skipped++ === 0) addEventListener("unload", report);
  missing.set(name, reason);
  return false;
}

/** Whether servers can be started at all. */
export function canStart(): boolean {
  return needs("run", "net", "read", "write", "env");
}

/** Finds a program in the folders of PATH. */
export function findProgram(name: string): string | undefined {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    if (folder === "") continue;
    try {
      if (Deno.statSync(`${folder}/${name}`).isFile) return `${folder}/${name}`;
    } catch {
      // It is not in this one.
    }
  }
  return undefined;
}

function report(): void {
  const reasons = [...missing].map(([name, reason]) => `${name}: ${reason}`);
  console.log(
    `ignored: ${skipped} tests that need a server (${reasons.join("; ")})`,
  );
}
