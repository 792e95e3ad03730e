import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { isStrict, needs } from "../permissions.ts";
import { startServed } from "../served.ts";
import { repository } from "../workspace.ts";

const EXECUTABLE = "/usr/bin/chromium";

Deno.test({
  name: "demo: the page in a browser, wide and narrow, light and dark",
  ignore: !needs("run", "net", "read", "write", "env", "sys") || !hasBrowser(),
  // The browser's own process and pipes are closed by playwright, in its time.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using demo = await startServed(
      ["run", "-A", "examples/server.ts"],
      { cwd: repository, env: { PORT: "0" }, timeout: 30 },
    );
    // Not at the top: it reads the environment as it is imported.
    const { chromium } = await import("playwright-core");
    const browser = await chromium.launch({
      executablePath: EXECUTABLE,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
      ],
    });
    try {
      for (
        const [width, colorScheme] of [
          [1280, "light"],
          [390, "dark"],
        ] as const
      ) {
        const page = await browser.newPage({
          viewport: { width, height: 844 },
          colorScheme,
        });
        const complaints: string[] = [];
        page.on("console", (message) => {
          if (message.type() === "error") complaints.push(message.text());
        });
        page.on("pageerror", (error) => complaints.push(error.message));
        await page.goto(demo.url);

        await eventually(
          page,
          `/\\d/.test(document.querySelector("#clock").textContent)`,
        );
        await eventually(
          page,
          `/level 1 \\(l1\\)/.test(document.querySelector("#tiers").textContent)`,
        );
        await page.click("#forget");
        await eventually(
          page,
          `/level 3 \\(loader\\)/.test(document.querySelector("#tiers").textContent)`,
        );
        await page.fill("#echo input", "你好");
        await page.click("#echo button");
        await eventually(
          page,
          `document.querySelector("#echo output").textContent === "你好"`,
        );
        await page.fill("#comment input[name=text]", "Hello");
        await page.click("#comment button");
        await eventually(
          page,
          `document.querySelector("#comment output").textContent.startsWith("201")`,
        );

        const scroll = await page.evaluate(
          "document.documentElement.scrollWidth",
        );
        assert(Number(scroll) <= width, `${width} px scroll to ${scroll}`);
        const background = await page.evaluate(
          "getComputedStyle(document.body).backgroundColor",
        );
        assertEquals(
          background,
          colorScheme === "dark" ? "rgb(15, 20, 25)" : "rgb(255, 255, 255)",
        );
        assertEquals(complaints, []);
        await page.close();
      }
    } finally {
      await browser.close();
    }
  },
});

/** Not waitForFunction: the page's policy forbids it to evaluate texts. */
async function eventually(page: Page, expression: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await page.evaluate(expression)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within 5 s: ${expression}`);
}

function hasBrowser(): boolean {
  try {
    return Deno.statSync(EXECUTABLE).isFile;
  } catch {
    if (isStrict()) throw new Error(`${EXECUTABLE} is missing`);
    console.log(`ignored 1 test: ${EXECUTABLE} is missing`);
    return false;
  }
}
