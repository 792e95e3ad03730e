/** Text that is HTML and answered as such. Made by {@linkcode html}. */
export class Html {
  readonly #text: string;

  /**
   * Takes HTML.
   *
   * @param text HTML, taken as it is: nothing in it is escaped.
   */
  constructor(text: string) {
    this.#text = text;
  }

  /** The HTML. */
  toString(): string {
    return this.#text;
  }
}

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Escapes text for HTML, between tags and in quoted attributes.
 *
 * @param text Any text.
 * @returns The text with `& < > " '` as entities.
 *
 * @example
 * ```ts
 * import { escapeHtml } from "@oresty/router";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(escapeHtml(`<a b="c">`), "&lt;a b=&quot;c&quot;&gt;");
 * ```
 */
export function escapeHtml(text: string): string {
  return /[&<>"']/.test(text)
    ? text.replace(/[&<>"']/g, (char) => ESCAPES[char]!)
    : text;
}

/**
 * Writes HTML with values escaped. Arrays are joined, nested `html` is kept,
 * null, undefined, true and false are left out. A handler that returns it
 * answers `text/html`.
 *
 * Values belong between tags or into quoted attributes; inside of script,
 * style or an unquoted attribute escaping does not make a value safe.
 *
 * @param strings The HTML around the values.
 * @param values Texts, numbers, other `html`, or arrays of them.
 * @returns The HTML.
 *
 * @example
 * ```ts
 * import { html } from "@oresty/router";
 * import { assertEquals } from "@std/assert";
 *
 * const names = ["Ada", "<b>"];
 * const list = html`<ul>${names.map((name) => html`<li>${name}</li>`)}</ul>`;
 * assertEquals(`${list}`, "<ul><li>Ada</li><li>&lt;b&gt;</li></ul>");
 * ```
 */
export function html(
  strings: TemplateStringsArray,
  ...values: unknown[]
): Html {
  let text = strings[0]!;
  for (let i = 0; i < values.length; i++) {
    text += print(values[i]) + strings[i + 1]!;
  }
  return new Html(text);
}

function print(value: unknown): string {
  if (typeof value === "string") return escapeHtml(value);
  if (value === null || value === undefined || typeof value === "boolean") {
    return "";
  }
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return value.map(print).join("");
  return escapeHtml(String(value));
}
