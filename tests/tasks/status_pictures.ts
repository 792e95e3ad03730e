/**
 * Makes the pictures of the status page, in both colour schemes and two widths:
 * `deno task status:pictures`. It takes two minutes; the page has a past then.
 */
import { pause, startBrowser, Watched } from "../stat/status_browser.ts";
import { startServed } from "../served.ts";
import { repository } from "../workspace.ts";

const FOLDER = `${repository}examples/screenshots`;
const PAST = 110_000;

await Deno.mkdir(FOLDER, { recursive: true });
await using shop = await startServed(
  ["run", "-A", "tests/tasks/status_shop.ts"],
  { cwd: repository },
);
await pause(PAST);
const browser = await startBrowser();
try {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [name, width] of [["wide", 1280], ["narrow", 360]] as const) {
      const view = { width, height: 800, colorScheme };
      const seen = await Watched.open(browser, `${shop.url}/status`, view);
      await seen.live();
      await pause(1500);
      const path = `${FOLDER}/status_${name}_${colorScheme}.png`;
      await seen.page.screenshot({ path, fullPage: true });
      if (seen.complaints.length > 0) throw new Error(`${seen.complaints}`);
      console.log(path);
      await seen.page.close();
    }
  }
} finally {
  await browser.close();
}
