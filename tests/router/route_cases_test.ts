import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { HttpRouter, Router, type RouterOptions } from "@oresty/router";
import { randomOf, shuffled } from "./random.ts";
import { type Expected, type RouteCase, routeCases } from "./route_cases.ts";

const SLASHES = ["strict", "ignore", "redirect"] as const;
const COMBINATIONS: Required<RouterOptions>[] = [true, false].flatMap(
  (caseSensitive) =>
    SLASHES.map((trailingSlash) => ({ caseSensitive, trailingSlash })),
);

function pathsOf(
  table: RouteCase,
  { caseSensitive, trailingSlash }: Required<RouterOptions>,
): readonly Expected[] {
  return [
    ...table.paths,
    ...(trailingSlash === "ignore" ? table.ignore : table.strict) ?? [],
    ...(caseSensitive ? table.sensitive : table.insensitive) ?? [],
  ];
}

for (const options of COMBINATIONS) {
  const title = JSON.stringify(options);
  for (const table of routeCases) {
    Deno.test(`Router ${title}: ${table.name}`, () => {
      const random = randomOf(7);
      const orders = [
        table.patterns,
        table.patterns.toReversed(),
        shuffled(random, table.patterns),
        shuffled(random, table.patterns),
      ];
      for (const patterns of orders) {
        const router = new Router<string>(options);
        for (const pattern of patterns) router.add("GET", pattern, pattern);
        for (const [path, pattern, params] of pathsOf(table, options)) {
          const match = router.find("GET", path);
          assertEquals(
            match === null ? null : [match.value, match.params],
            pattern === null ? null : [pattern, params ?? {}],
            `${path} in ${patterns}`,
          );
          assertEquals(
            router.allowed(path),
            pattern === null ? [] : ["GET", "HEAD"],
            path,
          );
          if (match === null) continue;
          assertStrictEquals(Object.getPrototypeOf(match.params), null, path);
        }
      }
    });
  }

  Deno.test(`HttpRouter ${title}: the same tables`, async () => {
    for (const table of routeCases) {
      if (table.routerOnly !== undefined) continue;
      const router = new HttpRouter(options);
      for (const pattern of table.patterns) {
        router.get(pattern, (ctx) => ({ route: ctx.route, ...ctx.params }));
      }
      for (const [path, pattern, params] of pathsOf(table, options)) {
        const response = await router.request(path);
        const body = await response.text();
        if (pattern === null) {
          const isRedirected = options.trailingSlash === "redirect" &&
            response.status === 308;
          assert(isRedirected || response.status === 404, `${path}: ${body}`);
        } else {
          assertEquals(
            JSON.parse(body),
            JSON.parse(JSON.stringify({ route: pattern, ...params })),
            path,
          );
        }
      }
    }
  });
}
