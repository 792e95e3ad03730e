// deno-lint-ignore-file no-undef -- runs in a browser
/** Elements from data. Values only ever become text, never markup. */

/**
 * Makes an element.
 *
 * @param name `div.card`: a tag, and a class.
 * @param attributes Set as they are.
 * @param children Elements and texts.
 */
export function make(name, attributes = {}, ...children) {
  const [tag, className] = name.split(".");
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

/** Changes a text only when it is another: a selection in it stays. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * What someone else has sent, as one line of visible characters: a line break or
 * a change of direction must not look like the page's own.
 */
export function visible(text) {
  return String(text)
    .replace(/\r?\n|\r/g, "⏎")
    .replace(
      /[\p{Cc}\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu,
      (char) => `\\u{${char.codePointAt(0).toString(16)}}`,
    );
}

/**
 * A table that keeps its rows while they change.
 *
 * Columns are `{ head, of(row), kind, bar(row), wide, title(row) }`: `of` gives
 * a text or `{ text, tone, method }`, kind is "name" or "number", bar a share of
 * one, and a wide column is left out on a narrow screen.
 */
export class Table {
  constructor(caption, columns) {
    this.columns = columns;
    this.body = make("tbody");
    const heads = columns.map(({ head, kind, wide }) =>
      make("th", {
        scope: "col",
        class: `${kind}${wide ? " wide" : ""}`,
      }, head)
    );
    this.element = make(
      "table",
      {},
      make("caption.hidden", {}, caption),
      make("thead", {}, make("tr", {}, ...heads)),
      this.body,
    );
  }

  show(rows) {
    while (this.body.rows.length > rows.length) this.body.deleteRow(-1);
    rows.forEach((row, i) => {
      const line = this.body.rows[i] ?? this.#addLine();
      this.columns.forEach((column, j) => fill(line.cells[j], column, row));
    });
  }

  #addLine() {
    const cells = this.columns.map(({ kind, wide, bar }, j) => {
      const attributes = { class: `${kind}${wide ? " wide" : ""}` };
      const cell = j === 0
        ? make("th", { ...attributes, scope: "row" })
        : make("td", attributes);
      cell.append(
        make("span.method", { hidden: "" }),
        make("span.text"),
      );
      if (bar) {
        cell.append(make("span.bar", { "aria-hidden": "true" }, make("i")));
      }
      return cell;
    });
    const line = make("tr", {}, ...cells);
    this.body.append(line);
    return line;
  }
}

function fill(cell, { of, bar }, row) {
  const value = of(row);
  const { text, tone = "", method = "", title = "" } = typeof value === "string"
    ? { text: value }
    : value;
  const [prefix, main] = cell.children;
  prefix.hidden = method === "";
  setText(prefix, method);
  setText(main, text);
  if (cell.title !== title) cell.title = title;
  if ((cell.dataset.tone ?? "") !== tone) cell.dataset.tone = tone;
  if (bar) {
    const share = Math.min(Math.max(bar(row) ?? 0, 0), 1);
    cell.querySelector("i").style.width = `${(share * 100).toFixed(1)}%`;
  }
}
