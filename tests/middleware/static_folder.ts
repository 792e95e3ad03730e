import { staticFiles, type StaticFilesOptions } from "@oresty/router/static";
import type { HttpRouter } from "@oresty/router";
import { needs } from "../permissions.ts";
import { around } from "./ask.ts";

export const canWrite: boolean = needs("read", "write");
export const DIGITS = "0123456789";

/** A folder beside which there is a secret, and files of all kinds in it. */
export async function withFolder(
  run: (root: string) => Promise<void>,
): Promise<void> {
  const base = await Deno.makeTempDir();
  const root = `${base}/public`;
  const write = (name: string, text: string) =>
    Deno.writeTextFile(`${root}/${name}`, text);
  try {
    await Deno.mkdir(`${root}/docs/deep`, { recursive: true });
    await Deno.mkdir(`${root}/.well-known`);
    await Deno.mkdir(`${root}/empty`);
    await Deno.writeTextFile(`${base}/secret.txt`, "secret");
    await Deno.mkdir(`${base}/public-other`);
    await Deno.writeTextFile(`${base}/public-other/x.txt`, "secret");
    await write("digits.txt", DIGITS);
    await write("none.txt", "");
    await write("index.html", "home");
    await write("docs/index.html", "docs");
    await write("a b%2f.txt", "odd");
    await write("ä.txt", "umlaut");
    await write(".env", "secret");
    await write(".well-known/security.txt", "known");
    await write("app.js", "plain");
    await write("app.js.br", "brotli");
    await write("app.js.gz", "gzipped");
    await run(root);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

export function served(options: StaticFilesOptions): HttpRouter {
  return around(staticFiles(options));
}

export function test(name: string, run: (root: string) => Promise<void>): void {
  Deno.test(name, { ignore: !canWrite }, () => withFolder(run));
}
