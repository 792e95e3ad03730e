import type { Browser, Page } from "playwright-core";
import { isStrict, needs } from "../permissions.ts";
import { type Served, startServed } from "../served.ts";
import { repository } from "../workspace.ts";

const EXECUTABLE = "/usr/bin/chromium";

/** Whether a test can have a browser; where it cannot, it is said why. */
export function canBrowse(): boolean {
  return needs("run", "net", "read", "write", "env", "sys") && hasBrowser();
}

function hasBrowser(): boolean {
  try {
    return Deno.statSync(EXECUTABLE).isFile;
  } catch {
    if (isStrict()) throw new Error(`${EXECUTABLE} is missing`);
    console.log(`ignored 1 file of tests: ${EXECUTABLE} is missing`);
    return false;
  }
}

/** Starts a scenario of `status_program.ts`; `url` is where its page is. */
export async function startProgram(
  scenario: string,
  token?: string,
): Promise<Served> {
  return await startServed(
    [
      ...["run", "-A", "tests/stat/status_program.ts", scenario],
      ...(token === undefined ? [] : [token]),
    ],
    { cwd: repository, timeout: 60 },
  );
}

/** Where the app of a program is, once it is. */
export async function appUrl(program: Served): Promise<string> {
  for (let i = 0; i < 200; i++) {
    const [, url] = /^app (\S+)$/m.exec(program.output) ?? [];
    if (url !== undefined) return url;
    await pause(50);
  }
  throw new Error(`Cannot find the app: ${program.output}`);
}

/** Starts the browser; the caller closes it. */
export async function startBrowser(): Promise<Browser> {
  // Not at the top: it reads the environment as it is imported.
  const { chromium } = await import("playwright-core");
  return await chromium.launch({
    executablePath: EXECUTABLE,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}

/** How a page is seen. */
export interface View {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
}

/** A page, and everything in it that must not be. */
export class Watched {
  readonly page: Page;
  /** Errors, dialogs, breaches of the policy, requests to other hosts. */
  readonly complaints: string[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(
    browser: Browser,
    url: string,
    { width = 1280, height = 900, colorScheme = "light" }: View = {},
  ): Promise<Watched> {
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme,
    });
    const page = await context.newPage();
    const watched = new Watched(page);
    const { complaints } = watched;
    const { host } = new URL(url);
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("dialog", (dialog) => {
      complaints.push(`dialog ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (new URL(request.url()).host !== host) complaints.push(request.url());
    });
    await page.addInitScript(
      `addEventListener("securitypolicyviolation", (event) => {
        console.error("policy: " + event.violatedDirective + event.blockedURI);
      });`,
    );
    await page.goto(url);
    return watched;
  }

  /** A value of the page. */
  async eval<T>(expression: string): Promise<T> {
    return await this.page.evaluate(expression) as T;
  }

  /** The text of an element as it is seen. */
  async text(selector: string): Promise<string> {
    return await this.page.locator(selector).first().innerText();
  }

  /** Waits for an expression; not in the page, whose policy forbids texts. */
  async until(expression: string, seconds = 10): Promise<void> {
    for (let i = 0; i < seconds * 10; i++) {
      if (await this.page.evaluate(expression)) return;
      await pause(100);
    }
    throw new Error(`Cannot see it within ${seconds} s: ${expression}`);
  }

  /** Waits until the page shows what the program says. */
  async live(): Promise<void> {
    await this.until(
      `document.querySelector("#live").dataset.state === "live"`,
    );
  }
}

/** Waits, in milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
