import type { ErrorBody } from "./_errors.ts";
import { Html, html } from "./html.ts";

const STYLE = new Html(`<style>
:root { color-scheme: light dark; --soft: #8888; --mark: #e5484d33; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem;
  padding: 12vh 1.25rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
p { margin: .25rem 0; } small, code { font-family: ui-monospace, monospace; }
pre { font: 13px/1.6 ui-monospace, monospace; overflow-x: auto; padding: 1rem;
  border: 1px solid var(--soft); border-radius: .5rem; }
mark { display: inline-block; min-width: 100%; background: var(--mark);
  color: inherit; }
</style>`);

function page(title: string, content: Html): Html {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>${STYLE}</head>
      <body>${content}</body>
    </html>
  `;
}

/** What a visitor sees: the status and the id to ask about. */
export function errorPage(body: ErrorBody): Html {
  const title = `${body.http_code} ${body.err}`;
  return page(
    title,
    html`<h1>${title}</h1>${issues(body)}
<p><small>Request ${body.reqid}</small></p>`,
  );
}

/** What a developer sees: message, source and stack besides. */
export function developerPage(body: ErrorBody): Html {
  const { source } = body;
  const excerpt = source &&
    html`<p><code>${source.file}:${source.line}</code></p>
<pre>${
      source.lines.map(({ line, text }) => {
        const row = `${String(line).padStart(5)}  ${text}\n`;
        return line === source.line ? html`<mark>${row}</mark>` : row;
      })
    }</pre>`;
  return page(
    `${body.http_code} ${body.err}`,
    html`<h1>${body.message ?? body.err}</h1>
<p>${body.http_code} ${body.err}</p>${issues(body)}${excerpt}
${body.stack && html`<pre>${body.stack.join("\n")}</pre>`}
<p><small>Request ${body.reqid}</small></p>`,
  );
}

function issues(body: ErrorBody): Html | undefined {
  return body.issues &&
    html`<pre>${JSON.stringify(body.issues, null, 2)}</pre>`;
}
