import { checkOptions, parseDuration } from "@oresty/core";
import { type Leader, leader } from "@oresty/shm";
import { baseName, quote } from "./_definition.ts";
import { isolateRegistry } from "./_isolate.ts";
import { atStop } from "./_lifecycle.ts";
import type { Registry } from "./_registry.ts";
import { type Snapshot, takeSnapshot } from "./_snapshot.ts";

/** The line of a window, as `log` gets it. */
export interface WindowLine {
  /** The option `project`. */
  readonly project: string;
  /** The host's name; empty without the permission for it. */
  readonly host: string;
  /** When the window ended, as ISO 8601. */
  readonly time: string;
  /** Values by their names and labels, as the lines of metrics have them. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** How counting is started; all of it is optional. */
export interface StartOptions {
  /**
   * What the lines of the log are of.
   *
   * @default {""}
   */
  project?: string;
  /**
   * Whether one line of JSON a window is written, by one isolate of the process;
   * a function gets it in place of standard output.
   *
   * @default {false}
   */
  log?: boolean | ((line: WindowLine) => void);
  /**
   * Length of the windows of `_delta` and `_avg`, from 1 second to a day; the
   * same in all isolates.
   *
   * @default {60}
   */
  window?: number | string;
  /** Called before the line of a window is made, to set gauges. */
  before?: () => void | Promise<void>;
}

const LEAST_WINDOW = 1;
const MOST_WINDOW = 86_400;
const LEASE = 5;
/** How long after a window's end it is looked at, in milliseconds. */
const AFTER = 20;

/** The line of a window that is written here, when this isolate is to. */
class WindowLog {
  readonly #registry: Registry;
  readonly #options: StartOptions;
  readonly #lead: Leader;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isEnded = false;

  constructor(registry: Registry, options: StartOptions, lead: Leader) {
    this.#registry = registry;
    this.#options = options;
    this.#lead = lead;
    this.#wait();
  }

  #wait(): void {
    const length = this.#registry.windowSeconds * 1000;
    const now = Date.now();
    const left = length - now % length + AFTER;
    this.#timer = setTimeout(() => this.#turn(), left);
    Deno.unrefTimer(this.#timer);
  }

  async #turn(): Promise<void> {
    try {
      if (this.#lead.isLeader) await this.#write();
    } catch (error) {
      // The next line is written all the same.
      // deno-lint-ignore no-console -- there is no logger this far down
      console.error("oresty: the line of a window failed:", error);
    }
    if (!this.#isEnded) this.#wait();
  }

  async #write(): Promise<void> {
    const { before, log, project = "" } = this.#options;
    await before?.();
    this.#registry.tick();
    const line = windowLine(takeSnapshot(this.#registry), project);
    if (typeof log === "function") log(line);
    // deno-lint-ignore no-console -- the option asks for it
    else if (log === true) console.log(JSON.stringify(line));
  }

  end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#lead.close();
  }
}

let started: Promise<void> | undefined;

/**
 * Finds the other isolates now rather than with the first increment, and says
 * how long windows are and whether they are logged. Optional; the first call in
 * an isolate counts, further ones do nothing.
 *
 * @throws {TypeError} On an unknown option or one of a wrong kind.
 * @throws {RangeError} On a window out of range.
 *
 * @example
 * ```ts
 * import * as stat from "@oresty/stat";
 *
 * await stat.start({ project: "shop", log: true, window: "60s" });
 * await stat.stop();
 * ```
 */
export function start(options: StartOptions = {}): Promise<void> {
  try {
    checkStartOptions(options);
  } catch (error) {
    return Promise.reject(error);
  }
  return started ??= begin(options).catch((error) => {
    started = undefined;
    throw error;
  });
}

async function begin(options: StartOptions): Promise<void> {
  const registry = isolateRegistry();
  if (options.window !== undefined) {
    registry.windowSeconds = parseDuration(options.window, `option "window"`);
  }
  let log: WindowLog | undefined;
  const forget = atStop(() => {
    started = undefined;
    log?.end();
  });
  try {
    await registry.join();
    const { log: isLogged = false, before } = options;
    if (isLogged === false && before === undefined) return;
    const lead = await leader("oresty:stat:log", { ttl: LEASE });
    if (started === undefined) lead.close(); // it was stopped meanwhile
    else log = new WindowLog(registry, options, lead);
  } catch (error) {
    forget();
    throw error;
  }
}

function checkStartOptions(options: StartOptions): void {
  checkOptions("start", options, ["project", "log", "window", "before"]);
  const { project, log, window, before } = options;
  if (project !== undefined && typeof project !== "string") {
    refuse("project", project, "a text");
  }
  if (
    log !== undefined && typeof log !== "boolean" && typeof log !== "function"
  ) {
    refuse("log", log, "true, false or a function");
  }
  if (before !== undefined && typeof before !== "function") {
    refuse("before", before, "a function");
  }
  if (window === undefined) return;
  const seconds = parseDuration(window, `option "window" of start`);
  if (seconds < LEAST_WINDOW || seconds > MOST_WINDOW) {
    throw new RangeError(
      `Cannot use window ${quote(window)} of start: expected ` +
        `${LEAST_WINDOW} to ${MOST_WINDOW} seconds`,
    );
  }
}

function refuse(option: string, value: unknown, expected: string): never {
  throw new TypeError(
    `Cannot use option "${option}" of start: ${quote(value)} was given, ` +
      `expected ${expected}`,
  );
}

function windowLine(snapshot: Snapshot, project: string): WindowLine {
  const metrics: Record<string, number> = {};
  for (const { name, type, series } of snapshot.metrics) {
    for (const { labelText, value, count, delta, deltaCount } of series) {
      const labels = labelText === "" ? "" : `{${labelText}}`;
      if (type === "histogram") {
        metrics[`${name}_sum${labels}`] = value;
        metrics[`${name}_count${labels}`] = count;
        continue;
      }
      const line = type === "counter" ? `${baseName(name)}_total` : name;
      metrics[`${line}${labels}`] = value;
      if (type !== "untyped") continue;
      metrics[`${name}_count${labels}`] = count;
      metrics[`${name}_delta${labels}`] = delta;
      if (deltaCount > 0) metrics[`${name}_avg${labels}`] = delta / deltaCount;
    }
  }
  const time = new Date(snapshot.time).toISOString();
  return { project, host: hostName(), time, metrics };
}

function hostName(): string {
  const name = { name: "sys", kind: "hostname" } as const;
  return Deno.permissions.querySync(name).state === "granted"
    ? Deno.hostname()
    : "";
}
