import { assert, assertEquals } from "@std/assert";
import { escapeHtml, Html, html, HttpRouter } from "@oresty/router";

Deno.test("html escapes texts between tags and in attributes", () => {
  const evil = `<script>"'&</script>`;
  const safe = "&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;";
  assertEquals(
    `${html`<p title="${evil}">${evil}</p>`}`,
    `<p title="${safe}">${safe}</p>`,
  );
  assertEquals(escapeHtml(evil), safe);
  assertEquals(escapeHtml("&amp;"), "&amp;amp;");
  assertEquals(escapeHtml(""), "");
  assertEquals(escapeHtml("plain 中文 `"), "plain 中文 `");
});

Deno.test("html prints values by their kind", () => {
  const cases: [value: unknown, text: string][] = [
    [0, "0"],
    [-1.5, "-1.5"],
    [10n, "10"],
    ["", ""],
    [null, ""],
    [undefined, ""],
    [true, ""],
    [false, ""],
    [[], ""],
    [["<", 1, null, ["&", [">"]]], "&lt;1&amp;&gt;"],
    [html`<b>`, "<b>"],
    [[html`<b>`, "<b>"], "<b>&lt;b&gt;"],
    [new Html("<i>"), "<i>"],
    [{ toString: () => "<x>" }, "&lt;x&gt;"],
    [new URL("http://a/?b&c"), "http://a/?b&amp;c"],
    [{}, "[object Object]"],
  ];
  for (const [value, text] of cases) {
    assertEquals(`${html`[${value}]`}`, `[${text}]`);
  }
});

Deno.test("only Html itself is taken unescaped", () => {
  class Fake {
    toString(): string {
      return "<b>";
    }
  }
  const forged = JSON.parse('{"text":"<b>","toString":null}');
  forged.toString = () => "<b>";
  assertEquals(`${html`${new Fake()}`}`, "&lt;b&gt;");
  assertEquals(`${html`${forged}`}`, "&lt;b&gt;");
  assertEquals(`${html`${new String("<b>")}`}`, "&lt;b&gt;");
});

Deno.test("html nests without escaping twice", () => {
  const rows = ["<1>", "&2"].map((row) => html`<li>${row}</li>`);
  assertEquals(
    `${html`<ul>${rows}</ul>`}`,
    "<ul><li>&lt;1&gt;</li><li>&amp;2</li></ul>",
  );
});

Deno.test("ctx.html answers text that is HTML already", async () => {
  const router = new HttpRouter().get("/", (ctx) => ctx.html("<b>&</b>"));
  const response = await router.request("/");
  assertEquals(await response.text(), "<b>&</b>");
  assert(response.headers.get("content-type")?.startsWith("text/html"));
});
