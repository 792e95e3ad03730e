/**
 * Renders templates by name: what a router needs to answer
 * `[data, "name.html"]`.
 */
export interface Templates {
  /** How names of templates end: `".html"`. */
  readonly extension: string;
  /** Whether a template of this name exists inside of the folder. */
  has(name: string): boolean;
  /** Renders a template. */
  render(name: string, data: unknown): string | Promise<string>;
}
