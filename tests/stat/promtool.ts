import { assertEquals } from "@std/assert";
import { hasPromtool } from "../services.ts";

/** Runs `promtool check metrics` where it is installed: nothing to complain. */
export async function promtoolClean(text: string): Promise<void> {
  if (!hasPromtool()) return;
  const child = new Deno.Command("promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const output = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes)
  );
  assertEquals([code, ...output], [0, "", ""], text);
}
