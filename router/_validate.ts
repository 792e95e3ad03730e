import { access, type AnyContext } from "./_access.ts";
import { HttpError, type Issue } from "./http_error.ts";
import { markBody } from "./_marks.ts";
import type {
  Env,
  Handler,
  RouteOptions,
  Schema,
  SchemaIssue,
} from "./types.ts";

type Part = "params" | "query" | "body";
const STATUS: Record<Part, 400 | 422> = { params: 400, query: 400, body: 422 };

/** The handler behind the schemas of its route, or itself without any. */
export function validator(
  options: RouteOptions,
  handler: Handler<unknown, Env>,
): Handler<unknown, Env> {
  const parts: [Part, Schema][] = [];
  for (const part of ["params", "query", "body"] as const) {
    const schema = options[part];
    if (schema === undefined) continue;
    if (typeof schema?.["~standard"]?.validate !== "function") {
      throw new TypeError(
        `Cannot use option "${part}" of a route: ` +
          `expected a Standard Schema, such as those of valibot or zod`,
      );
    }
    parts.push([part, schema]);
  }
  if (parts.length === 0) return handler;
  return async (ctx) => {
    const valid: Partial<Record<Part, unknown>> = {};
    for (const [part, schema] of parts) {
      const result = await schema["~standard"].validate(
        await valueOf(part, ctx),
      );
      if (result.issues !== undefined) {
        const status = STATUS[part];
        throw new HttpError(status, `The ${part} is not valid`, {
          issues: result.issues.map((issue) => issueOf(part, issue)),
        });
      }
      valid[part] = result.value;
    }
    // A schema makes new arrays of those that the body reader marked.
    if (access.runtime(ctx).templates !== null) markBody(valid);
    access.validated(ctx, valid);
    return handler(ctx);
  };
}

/** Schemas of objects expect plain ones, with a prototype. */
function valueOf(part: Part, ctx: AnyContext): unknown {
  if (part === "params") return { ...ctx.params as object };
  if (part === "query") return { ...ctx.query };
  return bodyOf(ctx);
}

async function bodyOf(ctx: AnyContext): Promise<unknown> {
  const type = ctx.request.headers.get("content-type") ?? "";
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    return { ...await ctx.form() };
  }
  if (/^multipart\/form-data\b/i.test(type)) {
    return Object.fromEntries(await ctx.multipart());
  }
  return await ctx.json();
}

function issueOf(part: Part, issue: SchemaIssue): Issue {
  const path = (issue.path ?? []).map((step) => {
    const key = typeof step === "object" ? step.key : step;
    return typeof key === "number" ? key : String(key);
  });
  return { path: [part, ...path], message: issue.message };
}
