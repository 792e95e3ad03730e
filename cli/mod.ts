/**
 * The command `oresty`: creates, runs and looks at a service.
 *
 * `deno run -A jsr:@oresty/cli new my-app` makes a service; inside of it
 * `deno task dev`, `start`, `routes`, `check-env` and `test` are all there is
 * to know on the first day.
 *
 * @module
 */
import { main } from "./main.ts";

export type { Surroundings } from "./command.ts";
export { main } from "./main.ts";

if (import.meta.main) {
  Deno.exit(
    // deno-lint-ignore no-top-level-await -- the program itself
    await main(Deno.args, {
      cwd: Deno.cwd(),
      print: console.log,
      printError: console.error,
    }),
  );
}
