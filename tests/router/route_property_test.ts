import { assert, assertEquals, assertThrows } from "@std/assert";
import { HttpRouter, Router } from "@oresty/router";
import { pick, randomOf, shuffled } from "./random.ts";

// The reference: patterns as data, every route tried, the best one taken. It
// shares nothing with the router, not even the pattern language's parser.
type Part = { text: string } | { name: string; re: string | null };
type Segment =
  | { kind: "static"; text: string }
  | { kind: "parts"; parts: Part[] }
  | { kind: "optional"; name: string; re: string | null }
  | { kind: "wildcard"; name: string };

interface Route {
  pattern: string;
  segments: Segment[];
}

// Few texts, so that many routes match the same path.
const TEXTS = ["a", "b", "ab", "a.b", "中"];
const AFFIXES = ["-", ".", ".a", "a"];
const CONSTRAINTS = [null, null, "\\d+", "[ab]+", "[ab.]+", "a|b|12"];
const RUNS = 300;

function randomRoute(random: () => number): Route {
  const count = 1 + Math.floor(random() * 3);
  const segments: Segment[] = [];
  let names = 0;
  const param = () => ({
    name: `p${names++}`,
    re: pick(random, CONSTRAINTS),
  });
  for (let i = 0; i < count; i++) {
    const last = i === count - 1;
    const dice = random();
    if (dice < 0.4) {
      segments.push({ kind: "static", text: pick(random, TEXTS) });
    } else if (dice < 0.65) segments.push({ kind: "parts", parts: [param()] });
    else if (dice < 0.75) {
      const text = { text: pick(random, AFFIXES) };
      const parts = random() < 0.5 ? [text, param()] : [param(), text];
      segments.push({ kind: "parts", parts });
    } else if (dice < 0.85) {
      const parts = [param(), { text: pick(random, AFFIXES) }, param()];
      segments.push({ kind: "parts", parts });
    } else if (dice < 0.92 && last) {
      segments.push({ kind: "optional", ...param() });
    } else if (last) segments.push({ kind: "wildcard", name: `p${names++}` });
    else segments.push({ kind: "static", text: pick(random, TEXTS) });
  }
  return { pattern: "/" + segments.map(writeSegment).join("/"), segments };
}

function writeSegment(segment: Segment): string {
  switch (segment.kind) {
    case "static":
      return segment.text;
    case "wildcard":
      return `*${segment.name}`;
    case "optional":
      return `${writePart(segment)}?`;
    case "parts":
      // A letter after a parameter would belong to its name.
      return segment.parts.map(writePart).join("")
        .replace(/(?<=:p\d+)[a-z]/g, "\\$&");
  }
}

function writePart(part: Part): string {
  if ("text" in part) return part.text;
  return `:${part.name}${part.re === null ? "" : `(${part.re})`}`;
}

/** All ways a segment can be read, the first parameter as short as it can be. */
function readParts(parts: Part[], text: string): string[] | null {
  const [part, ...rest] = parts;
  if (part === undefined) return text === "" ? [] : null;
  if ("text" in part) {
    return text.startsWith(part.text)
      ? readParts(rest, text.slice(part.text.length))
      : null;
  }
  for (let length = 1; length <= text.length; length++) {
    const value = text.slice(0, length);
    if (part.re !== null && !new RegExp(`^(?:${part.re})$`, "u").test(value)) {
      continue;
    }
    const others = readParts(rest, text.slice(length));
    if (others !== null) return [value, ...others];
  }
  return null;
}

/** The values by position of a route on decoded segments, or null. */
function readRoute(segments: Segment[], path: string[]): string[] | null {
  const [segment, ...rest] = segments;
  if (segment === undefined) return path.length === 0 ? [] : null;
  if (segment.kind === "wildcard") {
    return path.length === 0 ? null : [path.join("/")];
  }
  if (segment.kind === "optional" && path.length === 0) return [];
  const [text, ...others] = path;
  if (text === undefined) return null;
  const values = segment.kind === "static"
    ? (text === segment.text ? [] : null)
    : readParts(segment.kind === "parts" ? segment.parts : [segment], text);
  if (values === null) return null;
  const tail = readRoute(rest, others);
  return tail === null ? null : [...values, ...tail];
}

/** Ranks of the segments that a path is read with: the smaller, the better. */
function ranks(segments: Segment[], length: number): number[] {
  return segments.slice(0, length).map((segment) => {
    if (segment.kind === "static") return 0;
    if (segment.kind === "wildcard") return 4000;
    const parts = segment.kind === "parts" ? segment.parts : [segment];
    let text = 0;
    let constrained = false;
    for (const part of parts) {
      if ("text" in part) text += part.text.length;
      else if (part.re !== null) constrained = true;
    }
    return (constrained ? 1000 : text > 0 ? 2000 : 3000) - text;
  });
}

function compare(a: number[], b: number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

interface Found {
  pattern: string;
  values: string[];
  rank: number[];
}

function reference(routes: Route[], path: string): Found[] {
  const texts = path.slice(1).split("/");
  // "/" is one empty segment; a route with an optional one has none of it.
  const found: Found[] = [];
  for (const { pattern, segments } of routes) {
    const isRoot = path === "/" && segments[0]!.kind === "optional";
    const values = readRoute(segments, isRoot ? [] : texts);
    if (values === null) continue;
    const rank = ranks(segments, isRoot ? 0 : texts.length);
    found.push({ pattern, values, rank });
  }
  return found.sort((a, b) => compare(a.rank, b.rank));
}

function randomPath(random: () => number): string {
  const count = Math.floor(random() * 4);
  const pieces = [...TEXTS, ...AFFIXES, "1", "b-b", "a.a.a", "ba"];
  let path = "/";
  for (let i = 0; i < count; i++) {
    if (i > 0) path += "/";
    path += pick(random, pieces) + (random() < 0.3 ? pick(random, pieces) : "");
  }
  return random() < 0.1 ? `${path}/` : path;
}

Deno.test("Router agrees with a naive matcher on random routes", () => {
  let hits = 0;
  let ambiguous = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = randomOf(run);
    const routes: Route[] = [];
    const router = new Router<string>();
    for (let i = 0; i < 12; i++) {
      const route = randomRoute(random);
      try {
        router.add("GET", route.pattern, route.pattern);
        routes.push(route);
      } catch (error) {
        assert(
          error instanceof Error && /same shape/.test(error.message),
          `seed ${run}: ${error}`,
        );
      }
    }
    for (let i = 0; i < 30; i++) {
      const path = randomPath(random);
      const [best, second] = reference(routes, path);
      const match = router.find("GET", encodeURI(path));
      const where = `seed ${run}, ${path} in ${routes.map((r) => r.pattern)}`;
      if (best === undefined) {
        assertEquals(match, null, where);
        continue;
      }
      hits++;
      if (second !== undefined) ambiguous++;
      assert(match !== null, where);
      if (second !== undefined && compare(best.rank, second.rank) === 0) {
        // Equally specific: the order of registration decides.
        continue;
      }
      assertEquals(
        [match.value, Object.values(match.params)],
        [best.pattern, best.values],
        where,
      );
    }
  }
  // The generator must not drift into misses alone.
  assert(hits > RUNS * 5 && ambiguous > RUNS, `${hits} hits, ${ambiguous}`);
});

Deno.test("the order of registration does not matter", () => {
  for (let run = 0; run < 60; run++) {
    const random = randomOf(1000 + run);
    const routes = Array.from({ length: 15 }, () => randomRoute(random));
    const first = new Router<string>();
    const added = routes.filter(({ pattern }) => {
      try {
        first.add("GET", pattern, pattern);
        return true;
      } catch {
        return false;
      }
    });
    const others = [1, 2].map(() => {
      const router = new Router<string>();
      for (const { pattern } of shuffled(random, added)) {
        router.add("GET", pattern, pattern);
      }
      return router;
    });
    for (let i = 0; i < 40; i++) {
      const path = randomPath(random);
      const [best, second] = reference(added, path);
      if (
        best !== undefined && second !== undefined &&
        compare(best.rank, second.rank) === 0
      ) continue;
      for (const other of others) {
        assertEquals(
          other.find("GET", path),
          first.find("GET", path),
          `seed ${1000 + run}, ${path} in ${added.map((r) => r.pattern)}`,
        );
      }
    }
  }
});

Deno.test("between equals the first one registered is found", () => {
  for (const order of [["a+", "[a]+"], ["[a]+", "a+"]]) {
    const router = new Router<string>();
    for (const re of order) router.add("GET", `/:x(${re})`, re);
    assertEquals(router.find("GET", "/aa")?.value, order[0]);
  }
});

Deno.test("what urlFor writes is found again with the same parameters", async () => {
  const characters = [..."aZ09-._~ %/?#&+=:;,@!$'()*\"<>\\|^`{}[]é中😀\t\n\0"];
  const random = randomOf(42);
  let written = 0;
  const router = new HttpRouter();
  const patterns = [
    "/p/:x",
    "/c/:x([^0-9]+)",
    "/s/:a-:b",
    "/e/:name.:ext",
    "/o/:x?",
    "/w/*rest",
    "/t/a%2Fb c:x",
    "/at/@:x/日本",
  ];
  for (const pattern of patterns) {
    router.get(pattern, { name: pattern }, (ctx) => ({
      route: ctx.route,
      params: ctx.params,
    }));
  }
  const text = () => {
    const length = 1 + Math.floor(random() * 5);
    return Array.from({ length }, () => pick(random, characters)).join("");
  };
  for (let run = 0; run < 2000; run++) {
    const pattern = pick(random, patterns);
    const params: Record<string, string> = {};
    for (const [, name] of pattern.matchAll(/[:*]([a-z]+)/g)) {
      params[name!] = text();
    }
    let path: string;
    try {
      path = router.urlFor(pattern, params);
    } catch (error) {
      assert(error instanceof TypeError, String(error));
      continue;
    }
    written++;
    const response = await router.request(path);
    assertEquals(
      await response.json(),
      { route: pattern, params },
      `${path} of ${JSON.stringify(params)}`,
    );
    const url = new URL(path, "http://host");
    assertEquals([url.host, url.pathname], ["host", path]);
  }
  assert(written > 1000, `${written} written`);
  assertThrows(() => router.urlFor("/s/:a-:b", { a: "x-y", b: "z" }));
});
