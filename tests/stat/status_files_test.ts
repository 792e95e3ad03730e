import { assert, assertEquals } from "@std/assert";
import { needs } from "../permissions.ts";
import { statusModules } from "../tasks/status_files.ts";

Deno.test({
  name: "status: the modules hold the page's files, and uPlot as it is on npm",
  ignore: !needs("read"),
  async fn() {
    for (const [path, text] of await statusModules()) {
      assert(
        await Deno.readTextFile(path) === text,
        `${path} is old, expected "deno task status:files" to have been run`,
      );
    }
  },
});

Deno.test({
  name: "status: no file of the page names another host",
  ignore: !needs("read"),
  async fn() {
    for (const [path, text] of await statusModules()) {
      if (!path.endsWith("_page_files.ts")) continue;
      const hosts = [...text.matchAll(/(?:https?:)?\/\/[\w.-]+/g)]
        .map(([url]) => url)
        // The name of a vocabulary, which nobody fetches.
        .filter((url) => url !== "http://www.w3.org");
      assertEquals(hosts, []);
    }
  },
});
