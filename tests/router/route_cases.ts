/** What a path must lead to: the pattern and its parameters, or nothing. */
export type Expected = readonly [
  path: string,
  pattern: string | null,
  params?: Record<string, string>,
];

/** A table of routes and what its paths lead to. */
export interface RouteCase {
  readonly name: string;
  /** In any order. */
  readonly patterns: readonly string[];
  /** True under every combination of options. */
  readonly paths: readonly Expected[];
  /** Besides, where a trailing slash counts. */
  readonly strict?: readonly Expected[];
  /** Besides, where a trailing slash is ignored. */
  readonly ignore?: readonly Expected[];
  /** Besides, where case counts. */
  readonly sensitive?: readonly Expected[];
  /** Besides, where case is ignored. */
  readonly insensitive?: readonly Expected[];
  /** Why these paths cannot be those of a Request. */
  readonly routerOnly?: string;
}

/** The tables that every kind of router and every option is tried on. */
export const routeCases: readonly RouteCase[] = [
  {
    name: "static",
    patterns: ["/", "/a", "/a/b", "/a/b/c", "/toString", "/__proto__"],
    paths: [
      ["/", "/"],
      ["/a", "/a"],
      ["/a/b", "/a/b"],
      ["/a/b/c", "/a/b/c"],
      ["/b", null],
      ["/a/c", null],
      ["/a/b/c/d", null],
      ["/toString", "/toString"],
      ["/__proto__", "/__proto__"],
      ["/constructor", null],
      ["/hasOwnProperty", null],
      ["/a//b", null],
    ],
    strict: [["/a/", null], ["/a/b/", null]],
    ignore: [["/a/", "/a"], ["/a/b/", "/a/b"], ["/a//", null]],
    sensitive: [["/A", null], ["/A/b", null], ["/TOSTRING", null]],
    insensitive: [
      ["/A", "/a"],
      ["/A/B", "/a/b"],
      ["/TOSTRING", "/toString"],
      ["/__PROTO__", "/__proto__"],
    ],
  },
  {
    name: "patterns with a trailing slash",
    patterns: ["/a/", "/users/:id/"],
    paths: [
      ["/a/", "/a/"],
      ["/users/7/", "/users/:id/", { id: "7" }],
      ["/", null],
      ["/a/b", null],
    ],
    strict: [["/a", null], ["/users/7", null], ["/a//", null]],
    ignore: [["/a", "/a/"], ["/users/7", "/users/:id/", { id: "7" }]],
  },
  {
    name: "parameters",
    patterns: ["/:a", "/users/:id", "/users/:id/posts/:post"],
    paths: [
      ["/x", "/:a", { a: "x" }],
      ["/users", "/:a", { a: "users" }],
      ["/users/7", "/users/:id", { id: "7" }],
      ["/users/7/posts/8", "/users/:id/posts/:post", { id: "7", post: "8" }],
      ["/users/__proto__", "/users/:id", { id: "__proto__" }],
      ["/users/constructor", "/users/:id", { id: "constructor" }],
      ["/users//posts/8", null],
      ["/users/7/posts", null],
      ["/users/7/posts/8/9", null],
      ["/", null],
    ],
    strict: [["/users/", null], ["/users/7/", null]],
    ignore: [
      ["/users/", "/:a", { a: "users" }],
      ["/users/7/", "/users/:id", { id: "7" }],
    ],
    sensitive: [["/USERS/7", null]],
    insensitive: [
      ["/USERS/Ada", "/users/:id", { id: "Ada" }],
      ["/Users/ß/Posts/İ", "/users/:id/posts/:post", { id: "ß", post: "İ" }],
    ],
  },
  {
    name: "parameters named as parts of every object",
    patterns: [
      "/a/:__proto__",
      "/b/:constructor/:toString",
      "/c/:hasOwnProperty",
    ],
    paths: [
      ["/a/1", "/a/:__proto__", JSON.parse('{"__proto__":"1"}')],
      ["/b/1/2", "/b/:constructor/:toString", {
        constructor: "1",
        toString: "2",
      } as never],
      ["/c/1", "/c/:hasOwnProperty", { hasOwnProperty: "1" } as never],
    ],
  },
  {
    name: "specificity: static, constrained, affix, plain, wildcard",
    patterns: [
      "/f/*rest",
      "/f/:any",
      "/f/:name.png",
      "/f/:year(\\d{4})",
      "/f/:cat(\\w+\\.png)",
      "/f/readme",
    ],
    paths: [
      ["/f/readme", "/f/readme"],
      ["/f/2024", "/f/:year(\\d{4})", { year: "2024" }],
      ["/f/cat.png", "/f/:cat(\\w+\\.png)", { cat: "cat.png" }],
      ["/f/a-b.png", "/f/:name.png", { name: "a-b" }],
      ["/f/.png", "/f/:any", { any: ".png" }],
      ["/f/20245", "/f/:any", { any: "20245" }],
      ["/f/x2024", "/f/:any", { any: "x2024" }],
      ["/f/a/b", "/f/*rest", { rest: "a/b" }],
      ["/f/", "/f/*rest", { rest: "" }],
      ["/f", null],
    ],
  },
  {
    name: "the longer text beside a parameter first",
    patterns: ["/:a.gz", "/:b.tar.gz", "/v:c", "/version-:d"],
    paths: [
      ["/x.tar.gz", "/:b.tar.gz", { b: "x" }],
      ["/x.gz", "/:a.gz", { a: "x" }],
      ["/version-2", "/version-:d", { d: "2" }],
      ["/version2", "/v:c", { c: "ersion2" }],
      ["/v", null],
    ],
    insensitive: [
      ["/X.TAR.GZ", "/:b.tar.gz", { b: "X" }],
      ["/VERSION-Ab", "/version-:d", { d: "Ab" }],
    ],
  },
  {
    name: "backtracking from a static segment",
    patterns: [
      "/a/b/c/d",
      "/a/:x/c/e",
      "/:y/b/c/f",
      "/a/b/*rest",
      "/:p/:q/:r/g",
      "/*all",
    ],
    paths: [
      ["/a/b/c/d", "/a/b/c/d"],
      ["/a/b/c/e", "/a/b/*rest", { rest: "c/e" }],
      ["/a/z/c/e", "/a/:x/c/e", { x: "z" }],
      ["/a/b/c/f", "/a/b/*rest", { rest: "c/f" }],
      ["/z/b/c/f", "/:y/b/c/f", { y: "z" }],
      ["/a/z/c/g", "/:p/:q/:r/g", { p: "a", q: "z", r: "c" }],
      ["/a/z/c/h", "/*all", { all: "a/z/c/h" }],
      ["/z/b/c/g", "/:p/:q/:r/g", { p: "z", q: "b", r: "c" }],
      ["/", "/*all", { all: "" }],
    ],
  },
  {
    name: "backtracking between constraints and texts",
    patterns: [
      "/:id(\\d+)/edit",
      "/:name.txt/show",
      "/:any/delete",
      "/:id(\\d+)/:tab",
    ],
    paths: [
      ["/7/edit", "/:id(\\d+)/edit", { id: "7" }],
      ["/7/show", "/:id(\\d+)/:tab", { id: "7", tab: "show" }],
      ["/7/delete", "/:id(\\d+)/:tab", { id: "7", tab: "delete" }],
      ["/x/delete", "/:any/delete", { any: "x" }],
      ["/a.txt/show", "/:name.txt/show", { name: "a" }],
      ["/a.txt/delete", "/:any/delete", { any: "a.txt" }],
      ["/x/edit", null],
    ],
  },
  {
    name: "several parameters in a segment",
    patterns: [
      "/f/:name.:ext",
      "/range/:from-:to",
      "/:a-:b-:c.png",
      "/@:scope/:name",
      "/t/:hour\\::minute",
    ],
    paths: [
      ["/f/a.b", "/f/:name.:ext", { name: "a", ext: "b" }],
      ["/f/a.tar.gz", "/f/:name.:ext", { name: "a", ext: "tar.gz" }],
      ["/f/a.", null],
      ["/f/.b", null],
      ["/f/ab", null],
      ["/range/1-2", "/range/:from-:to", { from: "1", to: "2" }],
      ["/range/1--2", "/range/:from-:to", { from: "1", to: "-2" }],
      ["/range/-", null],
      ["/x-y-z.png", "/:a-:b-:c.png", { a: "x", b: "y", c: "z" }],
      ["/1-2-3-4.png", "/:a-:b-:c.png", { a: "1", b: "2", c: "3-4" }],
      ["/x-y-z.png.png", "/:a-:b-:c.png", { a: "x", b: "y", c: "z.png" }],
      ["/x-y.png", null],
      ["/@oresty/router", "/@:scope/:name", {
        scope: "oresty",
        name: "router",
      }],
      ["/@/router", null],
      ["/t/12:30", "/t/:hour\\::minute", { hour: "12", minute: "30" }],
    ],
    insensitive: [["/X-y-Z.PNG", "/:a-:b-:c.png", { a: "X", b: "y", c: "Z" }]],
  },
  {
    name: "several parameters with constraints search on",
    patterns: ["/:slug([a-z-]+)-:id(\\d+)", "/d/:y(\\d{4})-:m(\\d{2})"],
    paths: [
      ["/my-first-post-42", "/:slug([a-z-]+)-:id(\\d+)", {
        slug: "my-first-post",
        id: "42",
      }],
      ["/post-42x", null],
      ["/d/2024-05", "/d/:y(\\d{4})-:m(\\d{2})", { y: "2024", m: "05" }],
      ["/d/2024-5", null],
    ],
  },
  {
    name: "constraints are anchored and may hold colons, slashes and groups",
    patterns: [
      "/t/:time(\\d\\d:\\d\\d)",
      "/l/:lang(en|zh(?:-(?:CN|TW))?)",
      "/p/:x([)(]+)",
      "/s/:y([^/]+)/end",
    ],
    paths: [
      ["/t/12:30", "/t/:time(\\d\\d:\\d\\d)", { time: "12:30" }],
      ["/t/12:300", null],
      ["/l/en", "/l/:lang(en|zh(?:-(?:CN|TW))?)", { lang: "en" }],
      ["/l/zh-TW", "/l/:lang(en|zh(?:-(?:CN|TW))?)", { lang: "zh-TW" }],
      ["/l/enx", null],
      ["/l/xzh", null],
      ["/p/()", "/p/:x([)(]+)", { x: "()" }],
      ["/s/a/end", "/s/:y([^/]+)/end", { y: "a" }],
    ],
    sensitive: [["/l/EN", null]],
    insensitive: [
      ["/l/ZH-tw", "/l/:lang(en|zh(?:-(?:CN|TW))?)", { lang: "ZH-tw" }],
    ],
  },
  {
    name: "optional last parameter",
    patterns: ["/:lang?", "/docs/:page?", "/n/:id(\\d+)?", "/docs/a/b"],
    paths: [
      ["/", "/:lang?"],
      ["/en", "/:lang?", { lang: "en" }],
      ["/docs", "/docs/:page?"],
      ["/docs/a", "/docs/:page?", { page: "a" }],
      ["/docs/a/b", "/docs/a/b"],
      ["/docs/a/c", null],
      ["/n", "/n/:id(\\d+)?"],
      ["/n/12", "/n/:id(\\d+)?", { id: "12" }],
      ["/n/x", null],
    ],
    strict: [["/docs/", null]],
    ignore: [["/docs/", "/docs/:page?"]],
  },
  {
    name: "wildcards",
    patterns: ["/files/*path", "/u/:id/*", "/files/fixed"],
    paths: [
      ["/files/", "/files/*path", { path: "" }],
      ["/files/a", "/files/*path", { path: "a" }],
      ["/files/a/b/c", "/files/*path", { path: "a/b/c" }],
      ["/files/a//b", "/files/*path", { path: "a//b" }],
      ["/files//a", "/files/*path", { path: "/a" }],
      ["/files/fixed", "/files/fixed"],
      ["/files/fixed/x", "/files/*path", { path: "fixed/x" }],
      ["/u/7/", "/u/:id/*", { id: "7", "*": "" }],
      ["/u/7/a/b", "/u/:id/*", { id: "7", "*": "a/b" }],
      ["/files", null],
      ["/u/7", null],
    ],
    strict: [["/files/a/", "/files/*path", { path: "a/" }]],
    ignore: [["/files/fixed/", "/files/fixed"]],
    insensitive: [["/FILES/Aß/İ", "/files/*path", { path: "Aß/İ" }]],
  },
  {
    name: "escapes in a pattern",
    patterns: ["/v1/op\\:cancel", "/a\\*b", "/\\:x", "/p\\(q", "/w(x)"],
    paths: [
      ["/v1/op:cancel", "/v1/op\\:cancel"],
      ["/v1/op%3Acancel", "/v1/op\\:cancel"],
      ["/v1/opcancel", null],
      ["/a*b", "/a\\*b"],
      ["/aXb", null],
      ["/:x", "/\\:x"],
      ["/p(q", "/p\\(q"],
      ["/w(x)", "/w(x)"],
    ],
  },
  {
    name: "decoding once",
    patterns: ["/p/:x", "/q/:x/:y", "/r/*rest", "/s/:name.txt"],
    paths: [
      ["/p/a%20b", "/p/:x", { x: "a b" }],
      ["/p/%E4%B8%AD", "/p/:x", { x: "中" }],
      ["/p/%e4%b8%ad", "/p/:x", { x: "中" }],
      ["/p/%F0%9F%98%80", "/p/:x", { x: "😀" }],
      ["/p/a%2Fb", "/p/:x", { x: "a/b" }],
      ["/p/a%2fb", "/p/:x", { x: "a/b" }],
      ["/p/%252F", "/p/:x", { x: "%2F" }],
      ["/p/%252f", "/p/:x", { x: "%2f" }],
      ["/p/%25", "/p/:x", { x: "%" }],
      ["/p/%2525", "/p/:x", { x: "%25" }],
      ["/p/%25%32%46", "/p/:x", { x: "%2F" }],
      ["/p/%25%32%35", "/p/:x", { x: "%25" }],
      ["/p/a%3Fb%23c", "/p/:x", { x: "a?b#c" }],
      ["/p/%5C", "/p/:x", { x: "\\" }],
      ["/p/%00", "/p/:x", { x: "\0" }],
      ["/p/a+b", "/p/:x", { x: "a+b" }],
      ["/p/%2B", "/p/:x", { x: "+" }],
      ["/q/a%2Fb/c", "/q/:x/:y", { x: "a/b", y: "c" }],
      ["/q%2Fa/c", null],
      ["/p%2Fa", null],
      ["/%70/a", "/p/:x", { x: "a" }],
      ["/r/a%2Fb/c%25d", "/r/*rest", { rest: "a/b/c%d" }],
      ["/s/a%2Fb.txt", "/s/:name.txt", { name: "a/b" }],
      ["/s/%252E.txt", "/s/:name.txt", { name: "%2E" }],
      ["/s/a%2Etxt", "/s/:name.txt", { name: "a" }],
      ["/s/a%25.txt", "/s/:name.txt", { name: "a%" }],
    ],
  },
  {
    name: "dot segments as they arrive",
    patterns: ["/p/:x", "/p/:x/y", "/r/*rest"],
    routerOnly: "a URL resolves dot segments before anybody sees them",
    paths: [
      ["/p/..", "/p/:x", { x: ".." }],
      ["/p/%2e%2E", "/p/:x", { x: ".." }],
      ["/p/../y", "/p/:x/y", { x: ".." }],
      ["/r/../../etc/passwd", "/r/*rest", { rest: "../../etc/passwd" }],
      ["/p/\\", "/p/:x", { x: "\\" }],
    ],
  },
  {
    name: "encoded text in a pattern",
    patterns: [
      "/中文",
      "/caf%C3%A9",
      "/a b",
      "/x%2Fy",
      "/100%",
      "/%E6%97%A5:n.%E6%9C%AC",
      "/z%2F:n",
    ],
    paths: [
      ["/中文", "/中文"],
      ["/%E4%B8%AD%E6%96%87", "/中文"],
      ["/%e4%b8%ad%e6%96%87", "/中文"],
      ["/café", "/caf%C3%A9"],
      ["/caf%C3%A9", "/caf%C3%A9"],
      ["/a%20b", "/a b"],
      ["/x%2Fy", "/x%2Fy"],
      ["/x%2fy", "/x%2Fy"],
      ["/x/y", null],
      ["/100%25", "/100%"],
      ["/日1.本", "/%E6%97%A5:n.%E6%9C%AC", { n: "1" }],
      ["/z%2F1", "/z%2F:n", { n: "1" }],
      ["/z/1", null],
    ],
    insensitive: [["/CAFÉ", "/caf%C3%A9"], ["/X%2fY", "/x%2Fy"]],
  },
  {
    name: "case beyond ASCII",
    patterns: ["/straße/:x", "/οδος/:x", "/ας:x", "/İ/:x"],
    paths: [
      ["/straße/1", "/straße/:x", { x: "1" }],
      ["/İ/1", "/İ/:x", { x: "1" }],
      ["/STRASSE/1", null],
      ["/i/1", null],
    ],
    sensitive: [["/Straße/1", null]],
    insensitive: [
      ["/STRAẞE/1", "/straße/:x", { x: "1" }],
      // "Σ" has two lower case letters, by its place in a word.
      ["/ΟΔΟΣ/Ab", "/οδος/:x", { x: "Ab" }],
      ["/ΟΔΟΣ/İ", "/οδος/:x", { x: "İ" }],
      ["/ΑΣΒ", "/ας:x", { x: "Β" }],
    ],
  },
  {
    name: "empty segments",
    patterns: ["/a//b", "/:x/:y/:z"],
    paths: [
      ["/a//b", "/a//b"],
      ["/a/b/c", "/:x/:y/:z", { x: "a", y: "b", z: "c" }],
      ["//b/c", null],
      ["/a///b", null],
    ],
    strict: [["/a/b/", null], ["//", null]],
  },
];
