import type { Schema, SchemaIssue } from "@oresty/oresty";

/** What a field of a form must be. */
type Field = (value: unknown) => string | undefined;

/** A text of so many characters; says what is wrong with another. */
export function field(least: number, most: number): Field {
  return (value) =>
    typeof value === "string" && value.length >= least && value.length <= most
      ? undefined
      : `expected ${least} to ${most} characters`;
}

/**
 * A Standard Schema in a few lines, so that the demo needs no library. A
 * service takes valibot, zod or arktype.
 */
export function shape<Names extends string>(
  fields: Record<Names, Field>,
): Schema<Record<Names, string>> {
  return {
    "~standard": {
      version: 1,
      vendor: "demo",
      validate: (value) => {
        const given = Object(value) as Record<string, unknown>;
        const issues: SchemaIssue[] = [];
        const output: Record<string, string> = {};
        for (const [name, check] of Object.entries<Field>(fields)) {
          const message = check(given[name]);
          if (message === undefined) output[name] = String(given[name]);
          else issues.push({ message, path: [name] });
        }
        return issues.length > 0
          ? { issues }
          : { value: output as Record<Names, string> };
      },
    },
  };
}
