import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Browser } from "playwright-core";
import type { Served } from "../served.ts";
import {
  appUrl,
  canBrowse,
  pause,
  startBrowser,
  startProgram,
  Watched,
} from "./status_browser.ts";

const TOKEN = "correct-horse-battery";

/** Each test has a program and a browser of its own. */
function browse(
  name: string,
  scenario: string,
  fn: (browser: Browser, url: string, program: Served) => Promise<void>,
  token?: string,
): void {
  Deno.test({
    name: `status page: ${name}`,
    ignore: !isPossible,
    // The browser's own process and pipes are closed by playwright, in its time.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using program = await startProgram(scenario, token);
      const browser = await startBrowser();
      try {
        await fn(browser, `${program.url}/status`, program);
      } finally {
        await browser.close();
      }
    },
  });
}

const isPossible = canBrowse();

/** The widest thing on the page. */
const WIDTH = "document.documentElement.scrollWidth";

browse("values move under load", "app", async (browser, url, program) => {
  const app = await appUrl(program);
  const page = await Watched.open(browser, url);
  await page.live();
  assertMatch(await page.text("#routes"), /No requests yet/);
  const load = async (path: string, times: number) => {
    for (let i = 0; i < times; i++) {
      await (await fetch(app + path)).body?.cancel();
    }
  };
  await load("/users/1", 40);
  await load("/slow", 3);
  await load("/nowhere", 2);
  await load("/broken", 5);
  // All of it: a look at the middle of the load has fewer.
  await page.until(
    `document.querySelector(".facts div:last-child dd").textContent === "50"`,
  );
  await page.until(
    `/GET\\s*\\/users\\/:id/.test(document.querySelector("#routes").innerText)`,
  );
  await page.until(
    `/^[1-9]/.test(document.querySelector(".tile dd").textContent)`,
  );
  const row = (text: string) =>
    page.text(`#routes tbody tr:has-text("${text}")`);
  assertMatch(await row("/users/:id"), /\/s\s.*0\s%\s+40\s*$/s);
  assertMatch(await row("/slow"), /1\d\d\sms|2\d\d\sms/);
  assertMatch(await row("/broken"), /100\s%\s+5\s*$/s);
  assertMatch(await row("no route"), /2\s*$/);
  const errors = await page.text("#errors");
  assertMatch(errors, /RangeError\s+out of stock\s+5\s/);
  assertMatch(errors, /RangeError 5/);
  await page.until(`!document.querySelector("#caches").hidden`);
  assertMatch(await page.text("#caches tbody tr"), /users\s+9\d(\.\d)?\s%/);
  const total = () =>
    page.eval<string>(
      `document.querySelector(".facts div:last-child dd").textContent`,
    );
  assertEquals(await total(), "50");
  await load("/users/2", 10);
  await page.until(
    `document.querySelector(".facts div:last-child dd").textContent === "60"`,
  );
  // Both charts that have something to show have drawn it.
  const label = await page.eval<string>(
    `document.querySelector("#chart-latency .plot").getAttribute("aria-label")`,
  );
  const time = String.raw`(<\s)?\S+\s(µs|ms|s)`;
  assertMatch(label, new RegExp(`p50 ${time}, p95 ${time}, p99 ${time}$`));
  await page.until(drawn("requests"));
  // Modules that do not count have no place.
  for (const id of ["tasks", "client"]) {
    assert(await page.eval(`document.querySelector("#${id}").hidden`), id);
  }
  assertEquals(page.complaints, []);
});

browse("a blocked program is seen as such", "app", async (browser, url, p) => {
  const app = await appUrl(p);
  const page = await Watched.open(browser, url);
  await page.live();
  const blocked = fetch(`${app}/block/6000`);
  await page.until(
    `/1 blocked/.test(document.querySelector("#isolates h2").innerText)`,
  );
  assertMatch(await page.text("#isolates tbody tr"), /blocked[^]*[3-6]/);
  assertMatch(await page.text("#tiles"), /1 blocked/);
  await (await blocked).body?.cancel();
  await page.until(
    `!/blocked/.test(document.querySelector("#isolates h2").innerText)`,
  );
  assertEquals(page.complaints, []);
});

browse("what others have sent is only text", "hostile", async (b, url) => {
  for (const width of [1280, 360]) {
    const page = await Watched.open(b, url, { width, height: 800 });
    await page.live();
    await page.until(
      `document.querySelectorAll("#routes tbody tr").length >= 10`,
    );
    assertEquals(await page.eval("globalThis.hit"), undefined);
    assertEquals(
      await page.eval(
        `document.querySelectorAll("main img, main script, main b.x, h1").length`,
      ),
      1, // the heading of the page
    );
    for (const id of ["routes", "caches", "tasks", "client", "errors"]) {
      const text = await page.eval<string>(
        `document.querySelector("#${id}").textContent`,
      );
      assert(text.includes(`<img src=x onerror="globalThis.hit=1">`), id);
      assert(text.includes("first line⏎second line⏎third"), id);
      assert(text.includes("\\u{202e}gnp.exe\\u{0}\\u{7}"), id);
      assert(text.includes("&lt;b&gt;&amp;"), id);
    }
    assertMatch(await page.text("#foot"), /<img src=x/);
    const scroll = await page.eval<number>(WIDTH);
    assert(scroll <= width, `${width} px scroll to ${scroll}`);
    assertEquals(page.complaints, []);
    await page.page.close();
  }
});

browse("nothing to show is said in words", "empty", async (browser, url) => {
  const page = await Watched.open(browser, url);
  await page.live();
  assertMatch(await page.text("#routes"), /No requests yet/);
  assertMatch(await page.text("#errors"), /No errors/);
  assertMatch(await page.text("#chart-requests"), /no requests yet/);
  for (const id of ["caches", "tasks", "client", "chart-hits"]) {
    assert(await page.eval(`document.querySelector("#${id}").hidden`), id);
  }
  const text = await page.text("main");
  assert(!/NaN|undefined|null|Infinity/.test(text), text);
  assertEquals(page.complaints, []);
});

browse("thousands of series are a few rows", "overload", async (b, url) => {
  for (const width of [1280, 360]) {
    const page = await Watched.open(b, url, { width, height: 800 });
    await page.live();
    await page.until(`/and 981 more/.test(document.body.innerText)`);
    const rows = (id: string) =>
      page.eval<number>(
        `document.querySelectorAll("#${id} tbody tr").length`,
      );
    assertEquals(await rows("routes"), 20);
    for (const id of ["caches", "tasks", "client"]) {
      assertEquals(await rows(id), 10, id);
      assertMatch(await page.text(`#${id}`), /and 991 more/);
    }
    // Those beyond the cap have no status, which is no failure.
    assertMatch(await page.text("#client tbody tr"), /beyond[^]*\s0\s%/);
    assertEquals(await rows("errors"), 10);
    assertMatch(await page.text("#errors"), /and 40 more/);
    assertEquals(await rows("isolates"), 10);
    assertMatch(await page.text("#isolates"), /and 29\d more/);
    assertMatch(await page.text("#tasks"), /12,345 waiting/);
    assertMatch(await page.text("#stat"), /Overflow\s+[1-9]/);
    assertMatch(await page.text("#routes"), /beyond the cap of label sets/);
    const scroll = await page.eval<number>(WIDTH);
    assert(scroll <= width, `${width} px scroll to ${scroll}`);
    assertEquals(page.complaints, []);
    await page.page.close();
  }
});

browse("light and dark, by the system and by the button", "app", async (
  browser,
  url,
) => {
  const background = (page: Watched) =>
    page.eval<string>(
      "getComputedStyle(document.documentElement).backgroundColor",
    );
  const LIGHT = "rgb(244, 245, 243)";
  const DARK = "rgb(16, 20, 18)";
  for (
    const [colorScheme, own, other] of [
      ["light", LIGHT, ["light", "dark", DARK]],
      ["dark", DARK, ["light", LIGHT]],
    ] as const
  ) {
    const page = await Watched.open(browser, url, { colorScheme });
    await page.live();
    assertEquals(await background(page), own);
    assertEquals(await page.text("#theme"), "Theme: auto");
    for (const theme of other.slice(0, -1)) {
      await page.page.click("#theme");
      assertEquals(await page.text("#theme"), `Theme: ${theme}`);
    }
    assertEquals(await background(page), other.at(-1)!);
    // It is kept.
    await page.page.reload();
    await page.live();
    assertEquals(await background(page), other.at(-1)!);
    assertEquals(page.complaints, []);
  }
  const page = await Watched.open(browser, url);
  await page.page.emulateMedia({ colorScheme: "dark" });
  assertEquals(await background(page), DARK);
});

browse("all of it with the keyboard", "app", async (browser, url, program) => {
  const app = await appUrl(program);
  await (await fetch(`${app}/users/1`)).body?.cancel();
  const page = await Watched.open(browser, url);
  await page.live();
  await pause(3000); // there are points to move over
  const order: string[] = [];
  const press = (key: string) => page.page.keyboard.press(key);
  for (let i = 0; i < 12; i++) {
    await press("Tab");
    const [name, isSeen] = await page.eval<[string, boolean]>(`(() => {
      const e = document.activeElement;
      const shown = e.matches("input") ? e.nextElementSibling : e;
      const { outlineStyle } = getComputedStyle(shown);
      return [
        e.id || e.closest("figure")?.id || e.value || e.className || e.tagName,
        outlineStyle !== "none",
      ];
    })()`);
    if (name === "BODY" || name === order[0]) break;
    order.push(name);
    assert(isSeen, `the focus on ${name} is not seen`);
  }
  assertEquals(order, [
    ...["skip", "5m", "pause", "theme", "chart-requests", "chart-latency"],
    ...["chart-hits", "chart-lag", "chart-heap"],
  ]);
  await page.page.focus("input[value='5m']");
  await press("ArrowRight");
  assertEquals(
    await page.eval(`document.querySelector("input:checked").value`),
    "1h",
  );
  await press("ArrowLeft");
  await pause(2500);
  await page.page.focus("#pause");
  await press("Enter");
  assertEquals(await page.text("#live"), "paused");
  await page.page.focus("#chart-requests .plot");
  await press("ArrowLeft");
  const said = `#chart-requests [aria-live]`;
  const first = await page.eval<string>(
    `document.querySelector("${said}").textContent`,
  );
  assertMatch(first, /^\d\d:\d\d:\d\d: 2xx \S+\/s/);
  await press("ArrowLeft");
  const second = await page.eval<string>(
    `document.querySelector("${said}").textContent`,
  );
  assert(second !== first && second !== "", second);
  // The other charts show the same moment.
  assertEquals(
    await page.text("#chart-latency .at"),
    second.slice(0, 8),
  );
  await press("Escape");
  assertEquals(await page.text("#chart-latency .at"), "");
  // Names for those who do not see.
  assertEquals(
    await page.eval(`[...document.querySelectorAll("table")]
      .filter((table) => !table.caption?.textContent).length`),
    0,
  );
  assertEquals(
    await page.eval(`[...document.querySelectorAll("section")]
      .filter((s) => !document.getElementById(s.getAttribute("aria-labelledby")))
      .length`),
    0,
  );
  await page.page.focus("#pause");
  await press("Enter");
  await page.live();
  assertEquals(page.complaints, []);
});

browse("a token is asked for once", "app", async (browser, url) => {
  const page = await Watched.open(browser, url);
  await page.until(`!document.querySelector("#login").hidden`);
  assert(await page.eval(`document.querySelector("#main").hidden`));
  assertEquals(await page.eval("document.activeElement.id"), "token");
  // Chromium itself writes each refused request into the console.
  const refusals = () => page.complaints.splice(0);
  assert(refusals().every((text) => text.includes("401")));
  for (const wrong of ["wrong", "型"]) {
    await page.page.fill("#token", wrong);
    await page.page.keyboard.press("Enter");
    await page.until(
      `document.querySelector("#login-note").textContent !== ""`,
    );
    assertEquals(await page.text("#login-note"), "This is not the token.");
    assert(refusals().every((text) => text.includes("401")));
  }
  await page.page.fill("#token", TOKEN);
  await page.page.keyboard.press("Enter");
  await page.live();
  assert(await page.eval(`document.querySelector("#login").hidden`));
  // The page's own programs do not see the cookie, and it is not asked again.
  assertEquals(await page.eval("document.cookie"), "");
  await page.page.reload();
  await page.live();
  assertEquals(page.complaints, []);

  const other = await Watched.open(browser, `${url}?token=${TOKEN}`);
  await other.live();
  assertEquals(await other.eval("location.search"), "");
  assertEquals(other.complaints, []);
}, TOKEN);

/** Whether a chart has pixels of a colour that is no grey. */
function drawn(id: string): string {
  return `(() => {
    const canvas = document.querySelector("#chart-${id} canvas");
    const { data } = canvas.getContext("2d")
      .getImageData(0, 0, canvas.width, canvas.height);
    let coloured = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [r, g, b, a] = data.subarray(i, i + 4);
      if (a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 40) coloured++;
    }
    return coloured > 20;
  })()`;
}
