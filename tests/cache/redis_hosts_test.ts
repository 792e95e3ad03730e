import { assert, assertEquals } from "@std/assert";
import type { CacheStats, Lookup } from "@oresty/cache";
import {
  hasRedis,
  RedisMonitor,
  type Service,
  startRedis,
  TcpProxy,
} from "../services.ts";
import { type Served, startServed } from "../served.ts";
import { repository } from "../workspace.ts";
import { sleep } from "./host.ts";

const ignore = !hasRedis();

/** A process that shares a cache with others. */
class HostProcess implements AsyncDisposable {
  readonly #served: Served;

  private constructor(served: Served) {
    this.#served = served;
  }

  static async start(port: number, name = "cache"): Promise<HostProcess> {
    return new HostProcess(
      await startServed(
        ["run", "-A", "tests/cache/redis_host.ts", String(port), name],
        { cwd: repository, timeout: 30 },
      ),
    );
  }

  async ask<T>(
    path: string,
    options: Record<string, unknown> = {},
  ): Promise<T> {
    const url = new URL(path, this.#served.url);
    for (const [name, value] of Object.entries(options)) {
      url.searchParams.set(name, String(value));
    }
    const response = await fetch(url);
    return await response.json();
  }

  get(
    key: string,
    value: string,
    ms = 0,
  ): Promise<Lookup & { error?: string }> {
    return this.ask("/get", { key, value, ms });
  }

  read(key: string): Promise<Lookup> {
    return this.ask("/read", { key });
  }

  async loads(): Promise<number> {
    return (await this.ask<CacheStats>("/stats")).loads;
  }

  kill(): void {
    this.#served.kill("SIGKILL");
  }

  stop(): Promise<Deno.CommandStatus> {
    return this.#served.stop("SIGTERM", 5);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#served[Symbol.asyncDispose]();
  }
}

function test(
  name: string,
  run: (redis: Service, hosts: HostProcess[]) => Promise<void>,
  count = 2,
): void {
  Deno.test({
    name: `hosts, redis: ${name}`,
    ignore,
    async fn() {
      await using redis = await startRedis();
      // deno-lint-ignore no-undef -- newer than the list of the rule
      await using stack = new AsyncDisposableStack();
      const hosts = await Promise.all(
        Array.from({ length: count }, () => HostProcess.start(redis.port)),
      );
      for (const host of hosts) stack.use(host);
      await run(redis, hosts);
    },
  });
}

async function timed<T>(
  promise: Promise<T>,
): Promise<{ result: T; seconds: number }> {
  const began = performance.now();
  const result = await promise;
  return { result, seconds: (performance.now() - began) / 1000 };
}

/** Waits until something holds, 5 seconds at most. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error("Cannot wait any longer: it did not come about in 5 s");
}

test(
  "60 callers on three of them cost one load, and two commands a host",
  async (redis, hosts) => {
    for (const host of hosts) await host.get("warm", "x");
    await using monitor = await RedisMonitor.start(redis.port);
    await monitor.take(redis.port);
    const values = await Promise.all(
      Array.from({ length: 60 }, (_, i) => hosts[i % 3]!.get("k", "v", 300)),
    );
    assert(
      values.every(({ value }) => value === "v"),
      JSON.stringify(values[0]),
    );
    const loads = await Promise.all(hosts.map((host) => host.loads()));
    // One of them has loaded "warm".
    assertEquals(loads.reduce((a, b) => a + b), 2);
    const commands = (await monitor.take(redis.port))
      .filter((line) => !/^(?:PING|ping)/.test(line));
    assertEquals(commands.length, 6, commands.join("\n"));
  },
  3,
);

test("what one changes is soon seen by all", async (_, [a, b]) => {
  await a!.ask("/set", { key: "k", value: "1" });
  assertEquals((await b!.read("k")).value, "1");
  assertEquals((await b!.read("k")).source, "l1");
  await a!.ask("/set", { key: "k", value: "2" });
  await eventually(async () => (await b!.read("k")).value === "2");
  await b!.ask("/delete", { key: "k" });
  await eventually(async () => (await a!.read("k")).value === undefined);
  await a!.ask("/set", { key: "k", value: "3" });
  await eventually(async () => (await b!.read("k")).value === "3");
  await b!.ask("/purge");
  await eventually(async () => (await a!.read("k")).value === undefined);
});

test(
  "when a host is killed in a load another one takes over",
  async (_, [a, b]) => {
    const dead = a!.get("k", "dead", 2000).catch(() => "gone");
    await sleep(200);
    const waiting = timed(b!.get("k", "alive"));
    await sleep(200);
    a!.kill();
    assertEquals(await dead, "gone");
    const { result, seconds } = await waiting;
    assertEquals(result.value, "alive");
    assert(seconds < 4.5, `${seconds}`);
  },
);

test(
  "Redis killed in a load: who loads and who waits are answered",
  async (redis, [a, b]) => {
    const loading = timed(a!.get("k", "v", 600));
    await sleep(100);
    const waiting = timed(b!.get("k", "own"));
    await sleep(100);
    await redis.kill();
    const [one, two] = await Promise.all([loading, waiting]);
    assertEquals([one.result.value, two.result.value], ["v", "own"]);
    assert(one.seconds < 2.5, `${one.seconds}`);
    assert(two.seconds < 3, `${two.seconds}`);
    // While it is away, and when it is back.
    const { result, seconds } = await timed(a!.get("j", "j"));
    assertEquals(result.value, "j");
    assert(seconds < 1.5, `${seconds}`);
    await redis.restart();
    await eventually(async () => {
      const key = crypto.randomUUID();
      await a!.ask("/set", { key, value: "shared" });
      return (await b!.read(key)).source === "l3";
    });
  },
);

test(
  "Redis frozen for 3 s holds nobody for longer than a second",
  async (redis, [a, b]) => {
    await a!.get("k", "v");
    assertEquals((await b!.read("k")).source, "l3");
    redis.pause();
    const began = performance.now();
    for (let i = 0; performance.now() - began < 3000; i++) {
      const { result, seconds } = await timed(a!.get(`frozen ${i}`, "own"));
      assertEquals(result.value, "own");
      assert(seconds < 1.2, `${seconds}`);
      assertEquals((await b!.read("k")).value, "v");
    }
    redis.resume();
    await eventually(async () => {
      const key = crypto.randomUUID();
      await a!.ask("/set", { key, value: "shared" });
      return (await b!.read(key)).source === "l3";
    });
  },
);

test(
  "Redis that was never there: each host loads for itself",
  async (redis, hosts) => {
    await redis.kill();
    await using late = await HostProcess.start(redis.port);
    for (const host of [...hosts, late]) {
      const { result, seconds } = await timed(host.get("k", "own"));
      assertEquals([result.value, result.source], ["own", "loader"]);
      assert(seconds < 1.5, `${seconds}`);
      assertEquals((await host.get("k", "other")).hitLevel, 1);
    }
    const { code } = await late.stop();
    assertEquals(code, 143);
  },
);

Deno.test({
  name: "hosts, redis: what a cut connection hid is not served as fresh",
  ignore,
  async fn() {
    await using redis = await startRedis();
    await using proxy = new TcpProxy(redis.port);
    await using a = await HostProcess.start(redis.port);
    await using b = await HostProcess.start(proxy.port);
    await a.ask("/set", { key: "k", value: "old" });
    await a.ask("/set", { key: "d", value: "old" });
    assertEquals((await b.read("k")).value, "old");
    assertEquals((await b.read("d")).value, "old");
    proxy.cut();
    await sleep(100);
    await a.ask("/set", { key: "k", value: "new" });
    await a.ask("/delete", { key: "d" });
    proxy.resume();
    await eventually(async () => (await b.read("k")).value === "new");
    await eventually(async () => (await b.read("d")).value === undefined);
    const events = await b.ask<string[]>("/events");
    assert(events.filter((type) => type === "gap").length >= 2, `${events}`);
  },
});

test(
  "a host that is deleted from while Redis is away tells it afterwards",
  async (redis, [a, b]) => {
    await a!.ask("/set", { key: "k", value: "old" });
    assertEquals((await b!.read("k")).value, "old");
    redis.pause();
    await a!.ask("/delete", { key: "k" });
    redis.resume();
    await eventually(async () => {
      await a!.get(crypto.randomUUID(), "any");
      return (await b!.read("k")).value === undefined;
    });
    assertEquals((await a!.read("k")).value, undefined);
  },
);

test(
  "hosts end by TERM within a second, with everything open",
  async (_, hosts) => {
    for (const host of hosts) await host.get("k", "v");
    for (const host of hosts) {
      const { seconds } = await timed(host.stop());
      assert(seconds < 1, `${seconds}`);
    }
  },
);
