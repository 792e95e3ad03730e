import { assertAnswers, competitors, paramOf } from "./routers.ts";
import { ambiguous, rest } from "./tables/rest.ts";
import { small } from "./tables/small.ts";

for (const table of [small, rest, ambiguous]) {
  assertAnswers(table);
  for (const router of competitors(table)) {
    Deno.bench({
      name: router.name,
      group: table.name,
      baseline: router.name === "oresty",
      fn: () => {
        for (const hit of table.hits) {
          router.find(hit.method, hit.path, paramOf(hit));
        }
      },
    });
  }
}
