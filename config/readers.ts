import {
  type Duration,
  parseDuration,
  parseSize,
  type Size,
} from "@oresty/core";
import { quote } from "./_redact.ts";
import { Secret } from "./secret.ts";

/** What every reader takes. */
export interface ReaderOptions<T> {
  /** The value where no layer has one; without it a value is required. */
  default?: T;
  /** The environment variable that wins over files: `"REDIS_PORT"`. */
  env?: string;
}

/** What readers of numbers take. */
export interface NumberOptions extends ReaderOptions<number> {
  /** The least value. */
  min?: number;
  /** The greatest value. */
  max?: number;
}

/** What the reader of lists takes. */
export interface ListOptions<T> extends ReaderOptions<readonly T[]> {
  /**
   * Between the items of a text, as an environment variable has it.
   *
   * @default {","}
   */
  separator?: string;
}

/**
 * Makes a value of what a layer holds: a text from the environment, anything
 * from a file.
 *
 * @typeParam T What it makes.
 */
export class Reader<T> {
  /** The environment variable, if any. */
  readonly env: string | undefined;
  /** Whether the value must not be printed. */
  readonly secret: boolean;
  readonly #read: (value: unknown) => T;
  readonly #default: { readonly value: T } | undefined;

  /**
   * Makes a reader.
   *
   * @param read Throws an Error that says what was expected.
   */
  constructor(
    read: (value: unknown) => T,
    options: ReaderOptions<T> = {},
    secret = false,
  ) {
    this.#read = read;
    this.#default = "default" in options
      ? { value: options.default as T }
      : undefined;
    this.env = options.env;
    this.secret = secret;
  }

  /**
   * Reads a value.
   *
   * @param value undefined where no layer has one.
   * @throws {Error} With what was expected.
   */
  read(value: unknown): T {
    if (value !== undefined) return this.#read(value);
    if (this.#default !== undefined) return this.#default.value;
    throw new Error(
      this.env === undefined
        ? "is missing"
        : `is missing, and so is the environment variable ${this.env}`,
    );
  }
}

function refuse(value: unknown, expected: string): never {
  throw new Error(`${quote(value)} was given, expected ${expected}`);
}

function readNumber(value: unknown, expected: string): number {
  const number = typeof value === "string" && value.trim() !== ""
    ? Number(value)
    : value;
  return typeof number === "number" && Number.isFinite(number)
    ? number
    : refuse(value, expected);
}

function inRange(number: number, { min, max }: NumberOptions): number {
  if (min !== undefined && number < min) refuse(number, `at least ${min}`);
  if (max !== undefined && number > max) refuse(number, `at most ${max}`);
  return number;
}

/** A whole number that is exact. */
export function int(options: NumberOptions = {}): Reader<number> {
  return new Reader((value) => {
    const number = readNumber(value, "a whole number");
    return Number.isSafeInteger(number)
      ? inRange(number, options)
      : refuse(value, "a whole number");
  }, options);
}

/** A finite number. */
export function number(options: NumberOptions = {}): Reader<number> {
  return new Reader(
    (value) => inRange(readNumber(value, "a number"), options),
    options,
  );
}

/** true or false; of texts only "true" and "false", "1" and "0". */
export function bool(options: ReaderOptions<boolean> = {}): Reader<boolean> {
  return new Reader((value) => {
    if (value === true || value === "true" || value === "1") return true;
    if (value === false || value === "false" || value === "0") return false;
    return refuse(value, "true or false");
  }, options);
}

/** A text. */
export function text(options: ReaderOptions<string> = {}): Reader<string> {
  return new Reader(
    (value) => typeof value === "string" ? value : refuse(value, "a text"),
    options,
  );
}

/** One of some texts. */
export function oneOf<const T extends string>(
  values: readonly T[],
  options: ReaderOptions<T> = {},
): Reader<T> {
  return new Reader(
    (value) =>
      values.find((known) => known === value) ??
        refuse(value, `one of ${values.map(quote).join(", ")}`),
    options,
  );
}

/** An absolute URL, kept as its text; `"localhost:80"` is none. */
export function url(options: ReaderOptions<string> = {}): Reader<string> {
  return new Reader(
    (value) =>
      // To the parser "localhost:80" is a path of the scheme "localhost".
      typeof value === "string" && URL.canParse(value) &&
        !/^[^/]+:\d+(?:$|[/?#])/.test(value)
        ? value
        : refuse(value, `an absolute URL such as "https://example.com"`),
    options,
  );
}

/**
 * Seconds, from a number or a text such as `"5m"`.
 *
 * @throws {TypeError | RangeError} When the default is no length of time.
 */
export function duration(
  options: ReaderOptions<Duration> = {},
): Reader<number> {
  return new Reader(
    (value) => attempt(value, `seconds or a text such as "5m"`, parseDuration),
    withDefault(options, (value) => parseDuration(value, "default")),
  );
}

/**
 * Bytes, from a number or a text such as `"100m"`.
 *
 * @throws {TypeError | RangeError} When the default is no size.
 */
export function size(options: ReaderOptions<Size> = {}): Reader<number> {
  return new Reader(
    (value) => attempt(value, `bytes or a text such as "100m"`, parseSize),
    withDefault(options, (value) => parseSize(value, "default")),
  );
}

/** The same options with the default that a reader gives. */
function withDefault<I, O>(
  { env, default: value }: ReaderOptions<I>,
  make: (value: I) => O,
): ReaderOptions<O> {
  return {
    ...(env === undefined ? {} : { env }),
    ...(value === undefined ? {} : { default: make(value) }),
  };
}

function attempt(
  value: unknown,
  expected: string,
  parse: (value: number | string) => number,
): number {
  try {
    return parse(value as number | string);
  } catch {
    return refuse(value, expected);
  }
}

/** A list, from an array or a text with separators. */
export function list<T>(
  item: Reader<T>,
  options: ListOptions<T> = {},
): Reader<readonly T[]> {
  return new Reader<readonly T[]>(
    (value) => {
      const items = typeof value === "string"
        ? split(value, options.separator ?? ",")
        : value;
      if (!Array.isArray(items)) return refuse(value, "a list");
      return items.map((each, i) => {
        try {
          return item.read(each);
        } catch (error) {
          throw new Error(`item ${i}: ${(error as Error).message}`);
        }
      });
    },
    options,
    item.secret,
  );
}

function split(text: string, separator: string): string[] {
  if (text.trim() === "") return [];
  return text.split(separator).map((part) => part.trim());
}

/** A text that is not for eyes. */
export function secret(
  options: ReaderOptions<Secret | string> = {},
): Reader<Secret> {
  const hide = (value: Secret | string) =>
    value instanceof Secret ? value : new Secret(value);
  return new Reader(
    (value) =>
      typeof value === "string" || value instanceof Secret
        ? hide(value)
        : refuse("[secret]", "a text"),
    withDefault(options, hide),
    true,
  );
}

/** A value, or undefined where no layer has one. */
export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return new Reader<T | undefined>(
    (value) => reader.read(value),
    {
      default: undefined,
      ...(reader.env === undefined ? {} : { env: reader.env }),
    },
    reader.secret,
  );
}
