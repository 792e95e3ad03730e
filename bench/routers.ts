import { Router } from "@oresty/router";
import findMyWay from "find-my-way";
import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";
import { addRoute, createRouter, findRoute } from "rou3";
import type { Hit, Table } from "./tables/table.ts";

/** What a router finds: the pattern that was registered, and the parameters. */
export interface Found {
  readonly pattern: string;
  readonly params: Record<string, string>;
}

/** A router filled with a table. */
export interface Competitor {
  readonly name: string;
  /** Finds, and reads the parameter of this name: lazy ones count too. */
  find(method: string, path: string, param: string): string | undefined;
  /** The whole answer, for the assertion. */
  answer(method: string, path: string): Found;
}

/** Every router with the same table. */
export function competitors(table: Table): Competitor[] {
  return [oresty(table), fmw(table), hono(table), rou3(table)];
}

/** @throws {Error} When a router finds anything but what it must. */
export function assertAnswers(table: Table): void {
  for (const router of competitors(table)) {
    for (const hit of table.hits) {
      const { pattern, params } = router.answer(hit.method, hit.path);
      const right = pattern === hit.pattern &&
        JSON.stringify({ ...params }) === JSON.stringify(hit.params);
      if (!right) {
        throw new Error(
          `${router.name} finds ${pattern} ${JSON.stringify({ ...params })} ` +
            `for ${hit.method} ${hit.path}`,
        );
      }
    }
  }
}

/** The name of the parameter that a hit reads. */
export function paramOf(hit: Hit): string {
  return Object.keys(hit.params)[0] ?? "none";
}

function oresty({ rows }: Table): Competitor {
  const router = new Router<string>();
  for (const { method, pattern } of rows) router.add(method, pattern, pattern);
  return {
    name: "oresty",
    find: (method, path, param) => router.find(method, path)!.params[param],
    answer: (method, path) => {
      const { value, params } = router.find(method, path)!;
      return { pattern: value, params };
    },
  };
}

function fmw({ rows }: Table): Competitor {
  const router = findMyWay();
  for (const { method, pattern } of rows) {
    router.on(method as "GET", pattern, () => {}, pattern);
  }
  return {
    name: "find-my-way",
    find: (method, path, param) =>
      router.find(method as "GET", path)!.params[param],
    answer: (method, path) => {
      const { store, params } = router.find(method as "GET", path)!;
      return { pattern: store, params: params as Record<string, string> };
    },
  };
}

/** As hono makes it by default: one expression, or a trie for all of it. */
function hono({ rows }: Table): Competitor {
  const router = new SmartRouter<string>({
    routers: [new RegExpRouter(), new TrieRouter()],
  });
  for (const { method, pattern } of rows) router.add(method, pattern, pattern);
  // It captures no name for "*": the reading of it is left out.
  const read = (method: string, path: string, param: string) => {
    const [handlers, stash] = router.match(method, path);
    const index = (handlers[0]![1] as Record<string, number>)[param];
    return index === undefined
      ? undefined
      : stash === undefined
      ? String(index)
      : stash[index];
  };
  return {
    name: "hono",
    find: read,
    answer: (method, path) => {
      const [handlers] = router.match(method, path);
      const [pattern, names] = handlers[0]!;
      const params = pattern.endsWith("*")
        ? { "*": path.slice(pattern.length - 1) }
        : Object.fromEntries(
          Object.keys(names).map((name) => [name, read(method, path, name)!]),
        );
      return { pattern, params };
    },
  };
}

function rou3({ rows }: Table): Competitor {
  const router = createRouter<string>();
  for (const { method, pattern } of rows) {
    addRoute(router, method, pattern.replace(/\*$/, "**"), pattern);
  }
  return {
    name: "rou3",
    find: (method, path, param) =>
      findRoute(router, method, path)!.params?.[param === "*" ? "_" : param],
    answer: (method, path) => {
      const { data, params } = findRoute(router, method, path)!;
      const { _: rest, ...named } = params ?? {};
      return {
        pattern: data,
        params: rest === undefined ? named : { "*": rest },
      };
    },
  };
}
