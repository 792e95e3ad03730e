/**
 * Refuses the value of an option.
 *
 * @throws {TypeError} Always.
 */
export function refuse(
  where: string,
  option: string,
  value: unknown,
  expected: string,
): never {
  throw new TypeError(
    `Cannot use option "${option}" of ${where}: "${show(value)}" was given, ` +
      `expected ${expected}`,
  );
}

function show(value: unknown): string {
  if (typeof value === "function") return "function";
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value) ? `[${value.map(show).join(", ")}]` : "object";
  }
  return String(value);
}

/** @throws {TypeError} When the option is given and no function. */
export function checkFunction(
  where: string,
  option: string,
  value: unknown,
): void {
  if (value !== undefined && typeof value !== "function") {
    refuse(where, option, value, "a function");
  }
}

/** @throws {TypeError} When the option is given and neither true nor false. */
export function checkBoolean(
  where: string,
  option: string,
  value: unknown,
): void {
  if (value !== undefined && typeof value !== "boolean") {
    refuse(where, option, value, "true or false");
  }
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Whether it is a token of RFC 9110: a method, the name of a header. */
export function isToken(value: unknown): value is string {
  return typeof value === "string" && TOKEN.test(value);
}

/** @throws {TypeError} When it is no list of tokens. */
export function checkTokens(
  where: string,
  option: string,
  value: unknown,
  expected: string,
): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) refuse(where, option, value, expected);
  for (const one of value) {
    if (!isToken(one)) refuse(where, option, one, expected);
  }
}

/** @throws {TypeError} When it is given and no object of texts by name. */
export function checkRecord(
  where: string,
  option: string,
  value: unknown,
  expected: string,
): void {
  if (value === undefined) return;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    // It may be a secret: what it is has to do.
    refuse(where, option, value === null ? null : typeof value, expected);
  }
}

/** @throws {TypeError} When it is given and neither a text nor a list of some. */
export function checkTexts(
  where: string,
  option: string,
  value: unknown,
  expected: string,
): void {
  if (value === undefined) return;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((one) => typeof one === "string") || list.length === 0) {
    refuse(where, option, value, expected);
  }
}
