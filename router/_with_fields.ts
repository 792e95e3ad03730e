import type { Logger } from "./log.ts";

/** A logger of any kind, with more fields on every line. */
export function withFields(
  log: Logger,
  fields: Record<string, unknown>,
): Logger {
  return {
    debug: (message, more) => log.debug(message, { ...fields, ...more }),
    info: (message, more) => log.info(message, { ...fields, ...more }),
    warn: (message, more) => log.warn(message, { ...fields, ...more }),
    error: (message, more) => log.error(message, { ...fields, ...more }),
  };
}
