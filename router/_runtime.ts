import type { Duration, Size } from "@oresty/core";
import type { AddressReader } from "./_address.ts";
import type { BodyLimits } from "./_body.ts";
import type { Signer } from "./_hmac.ts";
import type { Logger } from "./log.ts";
import type { Templates } from "./templates.ts";

/** What all contexts of a router share. */
export interface Runtime {
  readonly app: unknown;
  readonly dev: boolean;
  readonly log: Logger;
  readonly templates: Templates | null;
  readonly limits: BodyLimits;
  readonly addressOf: AddressReader;
  readonly signer: () => Signer;
  readonly urlFor: (
    name: string,
    params?: Record<string, string | number>,
    query?: Record<string, string | number>,
  ) => string;
}

/** What a route asks for in place of the router's own. */
export interface RouteLimits {
  readonly bodyLimit: Size | undefined;
  readonly timeout: Duration | undefined;
}
