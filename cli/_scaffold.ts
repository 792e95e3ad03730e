/** A file of a new service. */
export interface ScaffoldFile {
  readonly path: string;
  readonly text: string;
  readonly executable?: boolean;
}

/** What a new service is made of. */
export interface ScaffoldOptions {
  readonly name: string;
  /** Folders of modules that stand in for the published ones. */
  readonly links: readonly string[];
}

/** The files of a new service; every one is a text, none is read by path. */
export function scaffold(options: ScaffoldOptions): ScaffoldFile[] {
  return [
    { path: "deno.json", text: denoJson(options) },
    { path: "app.ts", text: APP },
    { path: "config.ts", text: CONFIG },
    { path: "server.ts", text: SERVER },
    { path: "ctrl/home.ts", text: HOME },
    { path: "ctrl/hello/[name].ts", text: HELLO },
    { path: "template/layout.html", text: LAYOUT },
    { path: "template/home.html", text: PAGE },
    {
      path: "config_default/app.json",
      text: `{ "name": "${json(options)}" }\n`,
    },
    { path: "config_dev/app.json", text: `{ "port": 2233 }\n` },
    {
      path: "config_prod/app.json",
      text: `{ "hostname": "0.0.0.0", "port": 2233 }\n`,
    },
    { path: "check-env.sh", text: CHECK_ENV, executable: true },
    { path: "tests/app_test.ts", text: TEST },
    { path: ".gitignore", text: "/config\n.env\n" },
    { path: "README.md", text: readme(options) },
  ];
}

/** The name as it stands inside of a JSON text. */
function json({ name }: ScaffoldOptions): string {
  return JSON.stringify(name).slice(1, -1);
}

function denoJson({ links }: ScaffoldOptions): string {
  // By its name in the imports, which say the version.
  const oresty = "deno run -A @oresty/cli";
  const config = {
    imports: {
      "@oresty/cli": "jsr:@oresty/cli@^0.1.0",
      "@oresty/config": "jsr:@oresty/config@^0.1.0",
      "@oresty/oresty": "jsr:@oresty/oresty@^0.1.0",
    },
    tasks: {
      dev: `${oresty} dev`,
      start: `${oresty} start`,
      routes: `${oresty} routes`,
      "check-env": `${oresty} check-env`,
      test: "deno test -A",
      ok: "deno fmt --check && deno lint && deno check && deno task test",
    },
    unstable: ["no-legacy-abort"],
    ...(links.length === 0 ? {} : { links }),
  };
  return JSON.stringify(config, null, 2)
    .replaceAll(/\[\n\s+("[^"]*")\n\s+\]/g, "[$1]") + "\n";
}

const APP = `import { type App, createApp } from "@oresty/oresty";

const app: App = createApp({
  templates: new URL("./template/", import.meta.url),
});

await app.controllers(new URL("./ctrl/", import.meta.url));

export default app;
`;

const CONFIG =
  `import { type Config, configOrExit, int, text } from "@oresty/config";

/** The configuration; see config_default, config_dev and config_prod. */
export const config: Config<
  { app: { name: string; hostname: string; port: number; admin: number } }
> = await configOrExit({
  dir: new URL(".", import.meta.url),
  schema: {
    app: {
      name: text(),
      hostname: text({ default: "127.0.0.1" }),
      port: int({ default: 2233, env: "PORT", min: 0, max: 65535 }),
      admin: int({ default: 9464, env: "ADMIN_PORT", min: 0, max: 65535 }),
    },
  },
});
`;

const SERVER = `import app from "./app.ts";
import { config } from "./config.ts";

const { hostname, port, admin } = config.value.app;
app.listen({ hostname, port, admin });
`;

const HOME = `import type { AppContext, Input } from "@oresty/oresty";
import { config } from "../config.ts";
import service from "../deno.json" with { type: "json" };

/** The first page. */
export function get(_params: Input, ctx: AppContext): unknown {
  const { name } = config.value.app;
  const modules = Object.keys(service.imports);
  return [{ name, modules, routes: ctx.app.routes() }, "home.html"];
}
`;

const HELLO = `import type { Input } from "@oresty/oresty";

/** GET /hello/:name */
export function get({ name }: Input): unknown {
  return { hello: name };
}
`;

const LAYOUT = `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title><%= it.title %></title>
  </head>
  <body>
    <%~ it.body %>
  </body>
</html>
`;

const PAGE = `<% layout("layout.html", { title: it.name }) %>
<h1><%= it.name %></h1>
<p>This page is <code>ctrl/home.ts</code> and <code>template/home.html</code>.</p>
<h2>Routes</h2>
<ul>
  <% for (const route of it.routes) { %>
  <li><code><%= route.method %> <%= route.pattern %></code></li>
  <% } %>
</ul>
<h2>Modules</h2>
<ul>
  <% for (const module of it.modules) { %>
  <li><code><%= module %></code></li>
  <% } %>
</ul>
`;

const CHECK_ENV = `#!/usr/bin/env bash
# Links config to config_<env> and checks what a start needs: bash check-env.sh prod
cd "$(dirname "$0")" || exit 1
if command -v deno >/dev/null; then
  exec deno task --quiet check-env "$@"
fi
exec npx -y deno@2.9.6 task --quiet check-env "$@"
`;

const TEST = `import assert from "node:assert/strict";
import app from "../app.ts";

Deno.test("hello", async () => {
  const response = await app.request("/hello/Ada");
  assert.deepEqual(await response.json(), { hello: "Ada" });
});

Deno.test("the first page", async () => {
  const response = await app.request("/");
  assert.match(await response.text(), /<h1>/);
});
`;

function readme({ name }: ScaffoldOptions): string {
  return `# ${name}

\`\`\`sh
bash check-env.sh    # links config to config_dev, checks what a start needs
deno task dev        # http://127.0.0.1:2233, seen anew as you type
deno task test
deno task routes
deno task start      # as in production: ORESTY_ENV=prod deno task start
\`\`\`

A file in \`ctrl/\` is a route, a function named get, post, put, patch or del in
it answers. \`[data, "name.html"]\` renders \`template/name.html\`. Settings are in
\`config_default/\`, \`config_dev/\` and \`config_prod/\`, and typed in \`config.ts\`.
`;
}
