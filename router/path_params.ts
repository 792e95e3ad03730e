/**
 * The parameters of a pattern as a type: `"/users/:id/*rest"` gives
 * `{ id: string; rest: string }`, an optional `:lang?` gives `lang?: string`.
 * A pattern known only as `string` gives `Record<string, string>`.
 *
 * @typeParam P The pattern.
 *
 * @example
 * ```ts
 * import type { PathParams } from "@oresty/router";
 * import { assertEquals } from "@std/assert";
 *
 * const params: PathParams<"/users/:id(\\d+)/:tab?"> = { id: "7" };
 * assertEquals(params.id, "7");
 * ```
 */
export type PathParams<P extends string> = string extends P
  ? Record<string, string>
  : Simplify<Scan<P, never, never>>;

/**
 * Joins two object types into one that is printed as one.
 *
 * @internal
 */
type Simplify<T> = { [K in keyof T]: T[K] };

type Result<Required extends string, Optional extends string> =
  & { [K in Required]: string }
  & { [K in Optional]?: string };

/**
 * Walks the pattern; R and O are the names found so far.
 *
 * @internal
 */
type Scan<S extends string, R extends string, O extends string> = S extends
  `\\${infer Escaped}` ? Scan<DropFirst<Escaped>, R, O>
  : S extends `:${infer Rest}` ? AfterName<TakeName<Rest>, R, O>
  : S extends `*${infer Name}` ? Result<R | (Name extends "" ? "*" : Name), O>
  : S extends `${infer _}${infer Rest}` ? Scan<Rest, R, O>
  : Result<R, O>;

type AfterName<T extends [string, string], R extends string, O extends string> =
  T[1] extends `(${infer Group}` ? AfterGroup<T[0], SkipGroup<Group>, R, O>
    : AfterGroup<T[0], T[1], R, O>;

type AfterGroup<
  Name extends string,
  Rest extends string,
  R extends string,
  O extends string,
> = Rest extends `?${infer After}` ? Scan<After, R, O | Name>
  : Scan<Rest, R | Name, O>;

type TakeName<S extends string, Name extends string = ""> = S extends
  `${infer C}${infer Rest}`
  ? C extends NameChar ? TakeName<Rest, `${Name}${C}`> : [Name, S]
  : [Name, ""];

/** What follows the parenthesis that closes the group. */
type SkipGroup<S extends string, Depth extends unknown[] = []> = S extends
  `\\${infer Escaped}` ? SkipGroup<DropFirst<Escaped>, Depth>
  : S extends `[${infer Class}` ? SkipGroup<SkipClass<Class>, Depth>
  : S extends `(${infer Rest}` ? SkipGroup<Rest, [...Depth, 0]>
  : S extends `)${infer Rest}`
    ? Depth extends [unknown, ...infer Outer] ? SkipGroup<Rest, Outer> : Rest
  : S extends `${infer _}${infer Rest}` ? SkipGroup<Rest, Depth>
  : "";

/** What follows the bracket that closes the character class. */
type SkipClass<S extends string> = S extends `\\${infer Escaped}`
  ? SkipClass<DropFirst<Escaped>>
  : S extends `]${infer Rest}` ? Rest
  : S extends `${infer _}${infer Rest}` ? SkipClass<Rest>
  : "";

type DropFirst<S extends string> = S extends `${infer _}${infer Rest}` ? Rest
  : "";

type Lower =
  | "a"
  | "b"
  | "c"
  | "d"
  | "e"
  | "f"
  | "g"
  | "h"
  | "i"
  | "j"
  | "k"
  | "l"
  | "m"
  | "n"
  | "o"
  | "p"
  | "q"
  | "r"
  | "s"
  | "t"
  | "u"
  | "v"
  | "w"
  | "x"
  | "y"
  | "z";
type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
type NameChar = Lower | Uppercase<Lower> | Digit | "_";
