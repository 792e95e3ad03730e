import { assert, assertEquals, assertThrows } from "@std/assert";
import { Router } from "@oresty/router";

const SIZE = 65_536;
const MAX_MS = 200;

const PATTERNS = [
  "/",
  "/:a-:b-:c.png",
  "/:a([\\w-]+)-:b(\\d+)-:c",
  "/:slug([a-z-]+)-:id(\\d+)",
  "/:x(.*-.*)",
  "/:y(.*a.*b)",
  "/@:scope/:name",
  "/a/:b/c/:d/e/*rest",
  "/a/b/:c/d/:e/f",
  "/:p/:q/:r/:s/:t/:u/:v",
  "/files/*path",
];

const HOSTILE: [name: string, path: string][] = [
  ["one long segment", "/" + "a".repeat(SIZE)],
  ["slashes", "/".repeat(SIZE)],
  ["short segments", "/a".repeat(SIZE / 2)],
  ["dashes", "/" + "-".repeat(SIZE)],
  ["dashes and letters", "/" + "a-".repeat(SIZE / 2)],
  ["dashes, nearly a match", "/" + "a-".repeat(SIZE / 2) + ".pn"],
  ["dashes, a match at the end", "/" + "a-".repeat(SIZE / 2) + "1.png"],
  ["dots", "/" + ".".repeat(SIZE)],
  [".png repeated", "/" + ".png".repeat(SIZE / 4)],
  ["escapes", "/" + "%41".repeat(SIZE / 3)],
  ["escapes of %", "/" + "%25".repeat(SIZE / 3)],
  ["escapes of /", "/" + "%2F".repeat(SIZE / 3)],
  ["escapes between letters", "/" + "a%20".repeat(SIZE / 4)],
  ["escapes of long characters", "/" + "%F0%9F%98%80".repeat(SIZE / 12)],
  ["digits", "/" + "1".repeat(SIZE)],
  ["a wildcard of slashes", "/files" + "/".repeat(SIZE)],
  ["letters that grow in lower case", "/" + "İ".repeat(SIZE)],
];

for (const caseSensitive of [true, false]) {
  for (const trailingSlash of ["strict", "ignore"] as const) {
    Deno.test(`hostile paths take bounded time: ${caseSensitive ? "" : "no "}case, ${trailingSlash}`, () => {
      const router = new Router<string>({ caseSensitive, trailingSlash });
      for (const pattern of PATTERNS) router.add("GET", pattern, pattern);
      for (const [name, path] of HOSTILE) {
        // The best of two, so that a pause of the machine does not count.
        let best = Infinity;
        for (let run = 0; run < 2; run++) {
          const start = performance.now();
          router.find("GET", path);
          router.allowed(path);
          best = Math.min(best, performance.now() - start);
        }
        assert(best < MAX_MS, `${name} took ${best} ms`);
      }
    });
  }
}

Deno.test("malformed escapes are a URIError, whatever stands around", () => {
  const router = new Router<number>()
    .add("GET", "/p/:x", 1)
    .add("GET", "/*all", 2);
  const bad = [
    "%",
    "%%",
    "%4",
    "%zz",
    "%2",
    "a%",
    "%25%",
    "%u0041",
    "%%32%46",
    "%FF",
    "%C3",
    "%C3%28",
    "%c3a",
    "%E4%B8",
    "%E4%B8/%AD",
    "%ED%A0%80",
    "%F8%88%80%80%80",
    "%C0%AF",
    "%C0%AE%C0%AE",
    "%F4%90%80%80",
    "%".repeat(SIZE),
  ];
  for (const text of bad) {
    for (const path of [`/p/${text}`, `/${text}`, `/none/${text}/x`]) {
      assertThrows(() => router.find("GET", path), URIError, "Cannot decode");
      assertThrows(() => router.allowed(path), URIError);
    }
  }
});

Deno.test("a hundred routes of one shape but for their constraint", () => {
  const router = new Router<number>();
  for (let i = 0; i < 100; i++) {
    router.add("GET", `/:x([a-z-]+${i})/:a-:b-:c`, i);
  }
  const start = performance.now();
  assertEquals(router.find("GET", `/${"a-".repeat(20_000)}/x`), null);
  assert(performance.now() - start < MAX_MS);
});

Deno.test("a tree of ambiguous routes is walked once", () => {
  const router = new Router<string>();
  const depth = 10;
  // Every path of static and plain segments: 2 to the power of 10 of them.
  for (let bits = 0; bits < 2 ** depth; bits++) {
    const pattern = Array.from(
      { length: depth },
      (_, i) => (bits >> i) & 1 ? `:p${i}` : "a",
    );
    router.add("GET", `/${pattern.join("/")}/end`, `${bits}`);
  }
  const start = performance.now();
  assertEquals(router.find("GET", "/a".repeat(depth) + "/miss"), null);
  assertEquals(router.find("GET", "/a".repeat(SIZE / 2)), null);
  assert(performance.now() - start < MAX_MS);
  assertEquals(router.find("GET", "/a".repeat(depth) + "/end")?.value, "0");
  const { value } = router.find("GET", "/b" + "/a".repeat(depth - 1) + "/end")!;
  assertEquals(value, "1");
});

Deno.test("the error of a malformed escape says what is wrong with it", () => {
  const router = new Router<number>().add("GET", "/:x", 1);
  const cases: [path: string, why: string][] = [
    ["/%zz", '"%" is not followed by two hexadecimal digits'],
    ["/a%", '"%" is not followed by two hexadecimal digits'],
    ["/%FF", '"%FF" is no UTF-8'],
    ["/a%C3%28b", '"%C3%28" is no UTF-8'],
  ];
  for (const [path, why] of cases) {
    const error = assertThrows(() => router.find("GET", path), URIError);
    assertEquals(error.message, `Cannot decode path: ${why}`);
  }
});
