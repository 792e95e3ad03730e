import type { Prepared } from "./_prepared.ts";
import type { Runtime } from "./_runtime.ts";
import type { Context } from "./context.ts";
import type { Env } from "./types.ts";

/** A context of whatever types. */
export type AnyContext = Context<unknown, Env>;

/** What the router may do to a context and a handler may not. */
export interface ContextAccess {
  /** What the handler prepared, or null when it prepared nothing. */
  prepared(ctx: AnyContext): Prepared | null;
  /** What the context shares with others. */
  runtime(ctx: AnyContext): Runtime;
  /** What the server said of the connection. */
  info(ctx: AnyContext): Deno.ServeHandlerInfo | undefined;
  /** Gives one context other limits. */
  limit(ctx: AnyContext, runtime: Runtime): void;
  /** Gives the request another id. */
  identify(ctx: AnyContext, id: string): void;
  /** Keeps what the schemas made. */
  validated(ctx: AnyContext, valid: unknown): void;
  /** Keeps the error that becomes the answer. */
  failed(ctx: AnyContext, error: unknown): void;
  /** The answer as it goes out: with prepared headers, watched for its end. */
  finish(ctx: AnyContext, response: Response): Response;
}

/** Set by the class itself, which alone sees its private fields. */
export let access: ContextAccess;

/** Called once, by the class. */
export function grant(given: ContextAccess): void {
  access = given;
}
