import type { RequestObserver } from "@oresty/router";
import * as stat from "@oresty/stat";

const METHODS: ReadonlySet<string> = new Set([
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
]);

/** Seconds: from what a worker answers by itself to what waits for others. */
const BUCKETS = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5],
  ...[1, 2.5, 5, 10],
];

/**
 * After so many requests without a span the runtime makes none: it starts with
 * traces or never. Looking costs 45 of the 350 ns that counting a request takes.
 */
const UNTRACED = 100;

type ByStatus = Map<number, stat.Histogram>;

/** What stands for a metric whose name the program has for another one. */
const NOWHERE = {
  incr: () => {},
  decr: () => {},
  set: () => {},
  observe: () => {},
} satisfies stat.Gauge & stat.Histogram;

/**
 * Times of requests by method, route and status; a histogram each, kept as soon
 * as it is known. It begins with the first request of a server: what only tests
 * an app counts nothing.
 */
export class RequestMetrics implements RequestObserver {
  readonly #routes: Map<string | null, Map<string, ByStatus>> = new Map();
  readonly #begun: () => void;
  readonly #refused: (error: unknown) => void;
  #isTimed = false;
  #inFlight: stat.Gauge | undefined;
  #count: stat.ErrorSink | undefined;
  #remember: stat.ErrorSink | undefined;
  #untraced = 0;
  // What was found last: most requests are like the one before.
  #method: string | undefined;
  #route: string | null = null;
  #status = 0;
  #histogram: stat.Histogram | undefined;

  /**
   * @param begun Is called with the first request.
   * @param refused Hears what cannot be counted, once: requests are answered
   * all the same.
   */
  constructor(begun: () => void, refused: (error: unknown) => void) {
    this.#begun = begun;
    this.#refused = refused;
  }

  begin(): number {
    (this.#inFlight ?? this.#start()).incr();
    return performance.now();
  }

  end(
    began: number,
    method: string,
    route: string | null,
    status: number,
  ): void {
    this.#inFlight?.decr();
    if (route !== null && this.#untraced < UNTRACED) {
      if (stat.nameSpan(method, route)) this.#untraced = -Infinity;
      else this.#untraced++;
    }
    if (
      route !== this.#route || status !== this.#status ||
      method !== this.#method
    ) {
      this.#histogram = this.#find(method, route, status);
      this.#method = method;
      this.#route = route;
      this.#status = status;
    }
    this.#histogram!.observe((performance.now() - began) / 1000);
  }

  failed(error: unknown): void {
    this.#count?.(error);
    this.#remember?.(error);
  }

  #start(): stat.Gauge {
    this.#inFlight = NOWHERE;
    this.#attempt(() => {
      stat.declare("http_request_duration_seconds", {
        type: "histogram",
        help: "Times of requests, by method, route and status.",
        buckets: BUCKETS,
      });
      this.#isTimed = true;
    });
    this.#attempt(() => {
      stat.declare("http_requests_in_flight", {
        type: "gauge",
        help: "Requests that are not answered yet.",
      });
      this.#inFlight = stat.create().gauge("http_requests_in_flight");
    });
    this.#attempt(() => this.#count = stat.errorCounter());
    this.#attempt(() => this.#remember = stat.errorRing());
    this.#attempt(() => stat.collectProcess());
    this.#attempt(this.#begun);
    return this.#inFlight;
  }

  /** The program may have a name for something else. */
  #attempt(begin: () => void): void {
    try {
      begin();
    } catch (error) {
      this.#refused(error);
    }
  }

  #find(
    method: string,
    route: string | null,
    status: number,
  ): stat.Histogram {
    if (!this.#isTimed) return NOWHERE;
    let methods = this.#routes.get(route);
    if (methods === undefined) {
      this.#routes.set(route, methods = new Map());
    }
    // Clients may send any: they must not make series.
    const known = METHODS.has(method) ? method : "OTHER";
    let statuses = methods.get(known);
    if (statuses === undefined) methods.set(known, statuses = new Map());
    let histogram = statuses.get(status);
    if (histogram === undefined) {
      histogram = stat.create({
        method: known,
        route: route ?? "none",
        status: String(status),
      }).histogram("http_request_duration_seconds");
      statuses.set(status, histogram);
    }
    return histogram;
  }
}
