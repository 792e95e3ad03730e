import { assert, assertEquals } from "@std/assert";
import { startRegistry } from "../jsr_registry.ts";
import { needs } from "../permissions.ts";
import { startServed } from "../served.ts";
import { repository } from "../workspace.ts";

const PROGRAM = `import * as stat from "jsr:@oresty/stat";
const listener = await stat.serve({ port: 0 });
console.log(listener.url);
setInterval(() => {}, 1000);
`;

Deno.test({
  name: "status: the page is in the package as it is published",
  ignore: !needs("run", "net", "read", "write", "env"),
  async fn() {
    await using registry = await startRegistry();
    await registry.publishWorkspace(repository);
    const folder = await Deno.makeTempDir({ prefix: "oresty_status_" });
    try {
      await Deno.writeTextFile(`${folder}/main.ts`, PROGRAM);
      // No permission to read: a package from a registry is no folder.
      await using served = await startServed(
        ["run", "--no-prompt", "--quiet", "--allow-net=127.0.0.1", "main.ts"],
        {
          cwd: folder,
          env: { JSR_URL: registry.url, DENO_DIR: `${folder}/deno` },
        },
      );
      for (
        const [path, part] of [
          ["/status", "<title>Oresty status</title>"],
          ["/status/main.js", "status.json"],
          ["/status/uplot.js", "var uPlot="],
          ["/status.json", `"series":`],
        ] as const
      ) {
        const response = await fetch(served.url + path);
        assertEquals(response.status, 200, path);
        assert((await response.text()).includes(part), path);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
