/** A pattern in the common subset of all routers: `:name`, and `*` at the end. */
export interface Row {
  readonly method: string;
  readonly pattern: string;
}

/** A request, the row it must find, and the parameters it must give. */
export interface Hit {
  readonly method: string;
  readonly path: string;
  readonly pattern: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Routes and requests to measure routers with. */
export interface Table {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly hits: readonly Hit[];
}
