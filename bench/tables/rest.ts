import type { Hit, Row, Table } from "./table.ts";

const RESOURCES = [
  "users",
  "teams",
  "projects",
  "issues",
  "comments",
  "labels",
  "milestones",
  "releases",
  "branches",
  "commits",
  "files",
  "reviews",
  "events",
  "hooks",
  "keys",
  "tokens",
  "invoices",
];

const rows: readonly Row[] = RESOURCES.flatMap((name) => [
  { method: "GET", pattern: `/${name}` },
  { method: "POST", pattern: `/${name}` },
  { method: "GET", pattern: `/${name}/:id` },
  { method: "PUT", pattern: `/${name}/:id` },
  { method: "DELETE", pattern: `/${name}/:id` },
]);

const hits: readonly Hit[] = RESOURCES.flatMap((name, i): Hit[] => [
  { method: "GET", path: `/${name}`, pattern: `/${name}`, params: {} },
  {
    method: ["GET", "PUT", "DELETE"][i % 3]!,
    path: `/${name}/${1000 + i}`,
    pattern: `/${name}/:id`,
    params: { id: String(1000 + i) },
  },
]);

/** 17 resources with list, create, read, update and delete. */
export const rest: Table = { name: "85 routes", rows, hits };

/** The same with a word beside each parameter, as REST services have it. */
export const ambiguous: Table = {
  name: "85 routes, ambiguous neighbours",
  rows: [
    ...rows,
    ...RESOURCES.map((name) => ({ method: "GET", pattern: `/${name}/mine` })),
  ],
  hits,
};
