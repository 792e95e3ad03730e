import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import * as stat from "@oresty/stat";
import { needs } from "../permissions.ts";
import { RawConnection } from "../raw_http.ts";
import { runDeno } from "../deno_child.ts";
import { CONFIG_FLAG, TempModule } from "../temp_module.ts";
import { until } from "./isolates.ts";
import { appUrl, startProgram } from "./status_browser.ts";

const TOKEN = "correct-horse-battery";
const ignore = !needs("run", "net", "read", "write", "env");

async function ask(
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const response = await fetch(url, {
    redirect: "manual",
    signal: AbortSignal.timeout(5000),
    ...init,
  });
  const { status, headers } = response;
  return { status, headers, text: await response.text() };
}

Deno.test({
  name: "status: the page and all it loads come from the listener",
  ignore,
  async fn() {
    await using program = await startProgram("empty");
    const { url } = program;
    const page = await ask(`${url}/status`);
    assertEquals(page.status, 200);
    const loads = [...page.text.matchAll(/(?:src|href)="(status[^"]*)"/g)]
      .map(([, path]) => path!);
    assert(loads.length >= 6, `${loads}`);
    const files = [...loads, "status/charts.js", "status/panels.js"]
      .filter((path) => path !== "status.json");
    for (const path of ["status", ...files]) {
      const { status, headers, text } = await ask(`${url}/${path}`);
      assertEquals(status, 200, path);
      assert(text.length > 100, path);
      const kind = /\.(\w+)$/.exec(path)?.[1] ?? "html";
      assertMatch(
        headers.get("content-type")!,
        {
          html: /^text\/html/,
          js: /^text\/javascript/,
          css: /^text\/css/,
          svg: /^image\/svg/,
        }[kind]!,
      );
      assertMatch(
        headers.get("content-security-policy")!,
        /^default-src 'self'; /,
      );
      assertEquals(headers.get("x-content-type-options"), "nosniff");
      assertEquals(headers.get("x-frame-options"), "DENY");
      const head = await ask(`${url}/${path}`, { method: "HEAD" });
      assertEquals([head.status, head.text], [200, ""]);
      assertEquals(
        head.headers.get("content-type"),
        headers.get("content-type"),
      );
      const post = await ask(`${url}/${path}`, { method: "POST" });
      assertEquals([post.status, post.headers.get("allow")], [
        405,
        "GET, HEAD",
      ]);
    }
    // Nothing in it would need more than the policy allows.
    assert(!/<style|style="|<script>|\son\w+="/.test(page.text), page.text);
    for (const path of ["status/", "status/nothing.js", "status/../_x"]) {
      assertEquals((await ask(`${url}/${path}`)).status, 404, path);
    }
  },
});

Deno.test({
  name: "status: what is counted is in the report a second later",
  ignore,
  async fn() {
    await using program = await startProgram("app");
    const app = await appUrl(program);
    const json = async (search = "") => {
      const { status, text } = await ask(
        `${program.url}/status.json${search}`,
      );
      return { status, ...JSON.parse(text) };
    };
    assertEquals((await ask(`${app}/users/7`)).status, 200);
    await until(
      10,
      async () => (await json()).history.s2xx.some((rate: number) => rate > 0),
    );
    const report = await json();
    assertEquals(report.routes.rows[0].route, "/users/:id");
    assertEquals(report.requests.total, 1);
    const health = await ask(`${program.url}/healthz`);
    assertEquals(report.build.pid, JSON.parse(health.text).pid);
    assert(report.isolates.counts.live >= 2, "the worker and this one");
    const [first] = report.history.time;
    const later = await json(`?since=${first}`);
    assert(later.history.time.every((time: number) => time > first));
    assertEquals((await json("?range=1h")).history.range, "1h");
    for (const search of ["?range=1y", "?since=x", "?since=Infinity"]) {
      assertEquals((await json(search)).status, 400, search);
    }
  },
});

Deno.test({
  name: "status: a page of the web cannot read it by leading its name here",
  ignore,
  async fn() {
    await using program = await startProgram("empty");
    const { port } = new URL(program.url);
    const status = async (path: string, host: string) => {
      using connection = await RawConnection.open(Number(port));
      await connection.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      return (await connection.response()).status;
    };
    for (const path of ["/status", "/status.json", "/metrics"]) {
      assertEquals(await status(path, `evil.example:${port}`), 421);
      assertEquals(await status(path, `localhost:${port}`), 200);
      assertEquals(await status(path, `127.0.0.1:1`), 200);
    }
    // No error of ours, and no line in the log, whoever sends it.
    for (const host of ["[bad", "a b", "%zz", "a:b:c", "127.0.0.1:99999"]) {
      assertEquals(await status("/metrics", host), 400, host);
    }
    // Who looks after the process may call it as it likes.
    assertEquals(await status("/healthz", "any.example"), 200);
  },
});

Deno.test({
  name: "status: with a token nothing but the form is shown without it",
  ignore,
  async fn() {
    await using program = await startProgram("empty", TOKEN);
    const { url } = program;
    const bearer = (token: string) => ({
      headers: { authorization: `Bearer ${token}` },
    });
    for (const path of ["/metrics", "/status.json"]) {
      const refused = await ask(url + path);
      assertEquals(refused.status, 401, path);
      assertEquals(
        refused.headers.get("www-authenticate"),
        'Bearer realm="oresty"',
      );
      assertEquals((await ask(url + path, bearer("wrong"))).status, 401);
      assertEquals((await ask(`${url}${path}?token=${TOKEN}`)).status, 401);
      assertEquals((await ask(url + path, bearer(TOKEN))).status, 200);
    }
    assertEquals((await ask(`${url}/status`)).status, 200);
    assertEquals((await ask(`${url}/healthz`)).status, 200);

    const login = (init: RequestInit) =>
      ask(`${url}/status/login`, { method: "POST", ...init });
    for (const init of [{}, bearer("wrong"), bearer(TOKEN.slice(1))]) {
      const { status, headers } = await login(init);
      assertEquals([status, headers.get("set-cookie")], [401, null]);
    }
    assertEquals(
      (await login({ method: "GET", ...bearer(TOKEN) })).status,
      405,
    );
    const wrong = await ask(`${url}/status?token=wrong`);
    assertEquals([wrong.status, wrong.headers.get("set-cookie")], [303, null]);
    const link = await ask(`${url}/status?token=${TOKEN}`);
    assertEquals([link.status, link.headers.get("location")], [303, "status"]);
    for (const { headers } of [link, await login(bearer(TOKEN))]) {
      const cookie = headers.get("set-cookie")!;
      assertMatch(cookie, /; HttpOnly; SameSite=Strict$/);
      assert(!cookie.includes(TOKEN), cookie);
      const [pair] = cookie.split(";");
      const known = { headers: { cookie: pair! } };
      assertEquals((await ask(`${url}/status.json`, known)).status, 200);
      const forged = { headers: { cookie: `${pair}x` } };
      assertEquals((await ask(`${url}/status.json`, forged)).status, 401);
    }
  },
});

Deno.test({
  name: "status: an address that others reach is refused without a token",
  ignore,
  async fn() {
    await assertRejects(
      () => stat.serve({ port: 0, hostname: "0.0.0.0" }),
      TypeError,
      'expected the option "token"',
    );
    await assertRejects(
      () => stat.serve({ port: 0, token: "short" }),
      RangeError,
      "16 at least",
    );
  },
});

Deno.test({
  name: "status: an address has one token",
  ignore,
  async fn() {
    await using module = await TempModule.write(`
import * as stat from "@oresty/stat";
await stat.serve({ port: 0, token: "${TOKEN}" });
await stat.serve({ port: 0, token: "${TOKEN}" });
for (const options of [{ port: 0 }, { port: 0, token: "${TOKEN}-other" }]) {
  await stat.serve(options).catch((error) => console.log(String(error)));
}
await stat.stop();
`);
    const { code, stdout, stderr } = await runDeno(
      ["run", "-A", CONFIG_FLAG, module.path],
      { cwd: module.folder, timeout: 30 },
    );
    assertEquals([code, stderr], [0, ""]);
    const refusal = "TypeError: Cannot serve metrics on 127.0.0.1:0: it is " +
      "served with another token, expected the same one\n";
    assertEquals(stdout, refusal + refusal);
  },
});

Deno.test({
  name: "status: it is on the admin port of an app, and on no other",
  ignore,
  async fn() {
    await using program = await startProgram("admin", TOKEN);
    const app = await appUrl(program);
    assertEquals((await ask(app)).text, "x");
    await until(10, async () => {
      try {
        const { text } = await ask(`${program.url}/status.json`, {
          headers: { authorization: `Bearer ${TOKEN}` },
        });
        return text.includes(`"route":"/"`);
      } catch {
        return false; // it does not listen yet
      }
    });
    assertEquals((await ask(`${program.url}/status.json`)).status, 401);
    for (const path of ["/status", "/status.json", "/status/main.js"]) {
      assertEquals((await ask(app + path)).status, 404, path);
    }
    assertEquals((await program.stop("SIGTERM", 5)).code, 0);
  },
});
