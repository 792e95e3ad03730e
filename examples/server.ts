/** Serves the demo on http://127.0.0.1:2233; HOST and PORT say otherwise. */
const FLAGS = [
  "--allow-net=127.0.0.1",
  "--allow-read=.",
  "--allow-env=PORT,HOST,ORESTY_ENV",
];

const hostname = variable("HOST") ?? "127.0.0.1";
const port = Number(variable("PORT") ?? 2233);

const missing = [
  isGranted({ name: "net", host: `${hostname}:${port}` }) ? null : "net",
  isGranted({ name: "read", path: new URL(".", import.meta.url) })
    ? null
    : "read",
].filter((name) => name !== null);

if (missing.length > 0) {
  console.error(
    `Cannot start: permission ${missing.join(" and ")} is missing. Use\n\n` +
      `  deno run ${FLAGS.join(" ")} examples/server.ts\n`,
  );
  Deno.exit(78);
}

// Only now: the app reads its controllers as it is made.
const { default: app } = await import("./app.ts");
const { url } = app.listen({ hostname, port });
console.log(`Oresty's demo: ${url}`);

function variable(name: string): string | undefined {
  return isGranted({ name: "env", variable: name })
    ? Deno.env.get(name) || undefined
    : undefined;
}

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}
