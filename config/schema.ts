import { nearest } from "@oresty/core";
import { isSecretName } from "./_redact.ts";
import type { Problem } from "./config_error.ts";
import { Reader } from "./readers.ts";

/** Readers by name, nested as the configuration is. */
export interface Shape {
  /** A reader, or more of them. */
  readonly [name: string]: Reader<unknown> | Shape;
}

/** What a shape makes. */
export type ShapeOutput<S> = S extends Reader<infer T> ? T
  : { readonly [K in keyof S]: ShapeOutput<S[K]> };

/** A validator as of the Standard Schema specification, version 1. */
export interface StandardSchema<T = unknown> {
  /** The properties of the specification. */
  readonly "~standard": {
    /** Always 1. */
    readonly version: 1;
    /** Who made the library. */
    readonly vendor: string;
    /** Checks a value. */
    readonly validate: (value: unknown) =>
      | SchemaResult<T>
      | Promise<SchemaResult<T>>;
    /** Types alone, no value. */
    readonly types?:
      | { readonly input: unknown; readonly output: T }
      | undefined;
  };
}

/** What a Standard Schema says of a value. */
export type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | {
    readonly issues: readonly {
      readonly message: string;
      readonly path?:
        | readonly (PropertyKey | { readonly key: PropertyKey })[]
        | undefined;
    }[];
  };

/** What `defineConfig` takes as its schema. */
export type ConfigSchema = Shape | StandardSchema;

/** What a schema makes. */
export type ConfigOutput<S> = S extends StandardSchema<infer T> ? T
  : ShapeOutput<S>;

/** A tree of plain values. */
export type Tree = Record<string, unknown>;

/** The value that a schema makes, or what is wrong. */
export type Checked =
  | { readonly value: unknown }
  | { readonly problems: readonly Problem[] };

/** Whether a value is a plain object. */
export function isTree(value: unknown): value is Tree {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether a schema is one of another library. */
export function isStandard(schema: ConfigSchema): schema is StandardSchema {
  return typeof (schema as StandardSchema | undefined)?.["~standard"]
    ?.validate === "function";
}

/** Environment variables of a shape, with the paths they set. */
export function variablesOf(shape: Shape, path: string[] = []): [
  name: string,
  path: readonly string[],
][] {
  return Object.entries(shape).flatMap(([name, inner]) => {
    const here = [...path, name];
    if (!(inner instanceof Reader)) return variablesOf(inner, here);
    return inner.env === undefined
      ? []
      : [[inner.env, here] as [string, string[]]];
  });
}

/**
 * Refuses what is no schema.
 *
 * @throws {TypeError} With the place of what is no reader.
 */
export function assertSchema(schema: unknown, path: string[] = []): void {
  if (path.length === 0 && isStandard(schema as ConfigSchema)) return;
  if (schema instanceof Reader) {
    if (path.length > 0) return;
  } else if (isTree(schema) && path.length < 64 && !("~standard" in schema)) {
    for (const [name, inner] of Object.entries(schema)) {
      assertSchema(inner, [...path, name]);
    }
    return;
  }
  throw new TypeError(
    path.length === 0
      ? `Cannot use the schema of defineConfig: expected an object of ` +
        `readers, or a Standard Schema`
      : `Cannot use "${
        path.join(".")
      }" of the schema: expected a reader such ` +
        `as int(), or an object of readers`,
  );
}

const HIDDEN = "is not what was expected (a secret, not shown)";

/** Makes the value of a schema from the merged layers. */
export async function check(
  schema: ConfigSchema,
  tree: Tree,
): Promise<Checked> {
  if (!isStandard(schema)) {
    const problems: Problem[] = [];
    const value = readShape(schema, tree, [], problems);
    return problems.length > 0 ? { problems } : { value };
  }
  const result = await schema["~standard"].validate(tree);
  if (result.issues === undefined) return { value: result.value };
  return {
    problems: result.issues.map(({ message, path = [] }) => {
      const steps = path.map((step) =>
        String(typeof step === "object" ? step.key : step)
      );
      return {
        path: steps.join(".") || "(all)",
        // Such a library does not know of secrets, and quotes what it got.
        message: steps.some(isSecretName) && has(tree, steps)
          ? HIDDEN
          : message,
      };
    }),
  };
}

function has(tree: unknown, steps: readonly string[]): boolean {
  let at = tree;
  for (const step of steps) at = (at as Tree | null | undefined)?.[step];
  return at !== undefined;
}

function readShape(
  shape: Shape,
  tree: Tree,
  path: readonly string[],
  problems: Problem[],
): Tree {
  for (const name of Object.keys(tree)) {
    if (Object.hasOwn(shape, name)) continue;
    const guess = nearest(name, Object.keys(shape));
    problems.push({
      path: [...path, name].join("."),
      message: "is unknown" +
        (guess === undefined ? "" : `, did you mean "${guess}"?`),
    });
  }
  const value: Tree = {};
  for (const [name, inner] of Object.entries(shape)) {
    const given = Object.hasOwn(tree, name) ? tree[name] : undefined;
    const here = [...path, name];
    if (inner instanceof Reader) {
      try {
        value[name] = inner.read(given);
      } catch (error) {
        const message = inner.secret && given !== undefined
          ? HIDDEN
          : (error as Error).message;
        problems.push({ path: here.join("."), message });
      }
    } else if (given === undefined || isTree(given)) {
      value[name] = readShape(inner, given ?? {}, here, problems);
    } else {
      problems.push({
        path: here.join("."),
        message: "expected an object with more values",
      });
    }
  }
  return value;
}
