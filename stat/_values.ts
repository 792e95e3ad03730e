import { quote } from "./_definition.ts";

/** Apart from the hot path, which stays small so. */
export function refuseCounted(value: unknown): never {
  throw new TypeError(
    `Cannot add ${quote(value)} to a counter: VALUE_FORMAT_ERR, expected a ` +
      `finite number of 0 or more`,
  );
}

/** As `refuseCounted`, of values that may be negative. */
export function refuseValue(value: unknown): never {
  throw new TypeError(
    `Cannot take the value ${quote(value)}: VALUE_FORMAT_ERR, expected a ` +
      `finite number`,
  );
}
