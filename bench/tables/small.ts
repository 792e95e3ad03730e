import type { Hit, Row, Table } from "./table.ts";

const rows: readonly Row[] = [
  ["GET", "/user"],
  ["GET", "/user/comments"],
  ["GET", "/user/avatar"],
  ["GET", "/user/lookup/username/:username"],
  ["GET", "/user/lookup/email/:address"],
  ["GET", "/event/:id"],
  ["GET", "/event/:id/comments"],
  ["POST", "/event/:id/comments"],
  ["GET", "/map/:location/events"],
  ["GET", "/status"],
  ["GET", "/very/deeply/nested/route/hello/there"],
  ["GET", "/static/*"],
].map(([method, pattern]) => ({ method: method!, pattern: pattern! }));

const hits: readonly Hit[] = [
  { method: "GET", path: "/user", pattern: "/user", params: {} },
  {
    method: "GET",
    path: "/user/comments",
    pattern: "/user/comments",
    params: {},
  },
  {
    method: "GET",
    path: "/user/lookup/username/hey",
    pattern: "/user/lookup/username/:username",
    params: { username: "hey" },
  },
  {
    method: "GET",
    path: "/event/abcd1234/comments",
    pattern: "/event/:id/comments",
    params: { id: "abcd1234" },
  },
  {
    method: "POST",
    path: "/event/abcd1234/comments",
    pattern: "/event/:id/comments",
    params: { id: "abcd1234" },
  },
  {
    method: "GET",
    path: "/very/deeply/nested/route/hello/there",
    pattern: "/very/deeply/nested/route/hello/there",
    params: {},
  },
  {
    method: "GET",
    path: "/static/index.html",
    pattern: "/static/*",
    params: { "*": "index.html" },
  },
];

/** The 12 routes that router benchmarks usually take: user, event, map. */
export const small: Table = { name: "12 routes", rows, hits };
