import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "node:path";
import {
  commandRedis,
  freePort,
  hasOpenssl,
  hasRedis,
  makeCertificate,
  Service,
  startRedis,
  until,
} from "../services.ts";
import { connect } from "../../cache/db_redis.ts";
import { connectBy } from "../../cache/db_redis/connect.ts";
import { redis } from "../../cache/redis.ts";
import { IoredisDialer } from "../../cache/redis/_ioredis.ts";
import { planIoredis } from "../../cache/redis/_ioredis_plan.ts";
import type { RedisOptions } from "../../cache/redis/options.ts";
import type { ThirdTierStore } from "../../cache/third_tier.ts";
import { connect as standIn } from "../jsr_registry/db_redis/mod.ts";
import { textOf, value } from "./third_tier_cases.ts";

/** What ioredis would be made with. */
async function made(options: RedisOptions): Promise<unknown[]> {
  let given: unknown[] = [];
  class Fake {
    status = "wait";
    constructor(...args: unknown[]) {
      given = args;
    }
    on(): void {}
    disconnect(): void {}
    connect(): Promise<void> {
      return Promise.reject(new Error("not here"));
    }
  }
  const plan = planIoredis("redis", options, 0.25);
  const dialer = new IoredisDialer(
    plan,
    () => Promise.resolve({ Redis: Fake, Cluster: Fake }),
  );
  await assertRejects(() => dialer.dial(new AbortController().signal));
  return given;
}

/** Only what the case is about. */
function part(all: unknown, names: string[]): Record<string, unknown> {
  const from = all as Record<string, unknown>;
  return Object.fromEntries(
    names.filter((name) => name in from).map((name) => [name, from[name]]),
  );
}

Deno.test("redis: options become those of ioredis", async () => {
  const names = [
    ...["host", "port", "db", "username", "password", "tls", "sentinels"],
    ...["name", "sentinelPassword", "family", "connectTimeout", "lazyConnect"],
    ...["retryStrategy", "enableOfflineQueue", "enableReadyCheck"],
  ];
  const calm = {
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    connectTimeout: 250,
  };
  const cases: [RedisOptions, Record<string, unknown>][] = [
    [{}, { ...calm, host: "127.0.0.1" }],
    [{ host: "h", port: 1, db: 2, username: "u", password: "p" }, {
      ...calm,
      host: "h",
      port: 1,
      db: 2,
      username: "u",
      password: "p",
    }],
    // Empty as in many configurations.
    [{ host: "h", username: "", password: "" }, { ...calm, host: "h" }],
    [{ url: "redis://u:p%40%2F@h:7/3" }, {
      ...calm,
      host: "h",
      port: 7,
      db: 3,
      username: "u",
      password: "p@/",
    }],
    [{ url: new URL("redis://[::1]"), port: 5 }, {
      ...calm,
      host: "::1",
      port: 5,
    }],
    [{ url: "rediss://h" }, { ...calm, host: "h", tls: {} }],
    [{ url: "rediss://h", tls: { ca: "x" } }, {
      ...calm,
      host: "h",
      tls: { ca: "x" },
    }],
    [{ host: "h", tls: true }, { ...calm, host: "h", tls: {} }],
    [{ host: "h", tls: false }, { ...calm, host: "h" }],
    [{ host: "h", options: { family: 6, connectTimeout: 9 } }, {
      ...calm,
      host: "h",
      family: 6,
      connectTimeout: 9,
    }],
    [{
      sentinels: ["a", "b:1", { host: "c", port: 2 }],
      sentinelName: "main",
      sentinelPassword: "s",
      password: "p",
    }, {
      ...calm,
      host: "127.0.0.1",
      enableReadyCheck: true,
      sentinels: [
        { host: "a", port: 26379 },
        { host: "b", port: 1 },
        { host: "c", port: 2 },
      ],
      name: "main",
      sentinelPassword: "s",
      password: "p",
    }],
  ];
  for (const [options, expected] of cases) {
    const [given] = await made(options);
    assertEquals(part(given, names), expected);
  }
});

Deno.test("redis: a cluster's options become those of ioredis", async () => {
  const [nodes, given] = await made({
    cluster: ["a", "[::1]:7", "redis://b:8", { host: "c" }],
    username: "u",
    password: "p",
    tls: { ca: "x" },
    options: { scaleReads: "slave", redisOptions: { family: 6 } },
  });
  assertEquals(nodes, [
    { host: "a", port: 6379 },
    { host: "::1", port: 7 },
    { host: "b", port: 8 },
    { host: "c", port: 6379 },
  ]);
  const options = given as Record<string, unknown>;
  assertEquals(
    part(options, ["lazyConnect", "clusterRetryStrategy", "scaleReads"]),
    { lazyConnect: true, clusterRetryStrategy: null, scaleReads: "slave" },
  );
  const each = ["username", "password", "tls", "family", "host"];
  assertEquals(part(options["redisOptions"], each), {
    username: "u",
    password: "p",
    tls: { ca: "x" },
    family: 6,
  });
});

Deno.test("redis: wrong options are refused", () => {
  const wrong: [unknown, string][] = [
    [{ hots: "x" }, 'did you mean "host"'],
    [{ pasword: "x" }, 'did you mean "password"'],
    [{ port: "6379" }, "whole number"],
    [{ port: 70_000 }, "whole number"],
    [{ db: -1 }, "whole number"],
    [{ host: 5 }, "expected a string"],
    [{ password: 5 }, "expected a string"],
    [{ tls: "yes" }, "expected an object"],
    [{ url: "http://user:secret@h" }, '"redis://host:port/db"'],
    [{ url: "redis://h/secret" }, '"redis://host:port/db"'],
    [{ url: "secret" }, '"redis://host:port/db"'],
    [{ url: "redis://:50%secret@h" }, '"redis://host:port/db"'],
    [{ url: "redis://h/1?tls=secret" }, '"redis://host:port/db"'],
    [{ sentinels: ["h"], sentinelName: 5 }, "expected a string"],
    [{ sentinels: ["h"], sentinelPassword: 5 }, "expected a string"],
    [{ cluster: [null] }, "host:port"],
    [{ cluster: [5] }, "host:port"],
    [{ cluster: [{ port: 7000 }] }, "host:port"],
    [{ cluster: [{ host: "h", port: "x" }] }, "host:port"],
    [{ cluster: [{ host: undefined }] }, "host:port"],
    [{ cluster: ["h:99999"] }, "host:port"],
    [{ cluster: [] }, "host:port"],
    [{ cluster: "h" }, "host:port"],
    [{ cluster: ["user:secret@h:1"] }, "host:port"],
    [{ cluster: ["h"], sentinels: ["h"] }, "expected one of them"],
    [{ timeout: 0 }, "more than 0"],
    [{ timeout: "soon" }, "length of time"],
    [{ timeout: -1 }, "out of range"],
    [{ timeout: "30d" }, "86400 seconds at most"],
    [{ options: { retryStrategy: () => 5 } }, "options.retryStrategy"],
    [{ options: "x" }, "expected an object"],
    [new Map(), 'class "Map"'],
    [new URL("redis://h"), 'class "URL"'],
    [[], 'class "Array"'],
    ["redis://h", "expected an object"],
    [null, "expected an object"],
  ];
  for (const [options, words] of wrong) {
    const error = assertThrows(() => redis(options as never), Error);
    assert(
      error instanceof TypeError || error instanceof RangeError,
      String(error),
    );
    assert(error.message.includes(words), `${words}: ${error.message}`);
    assert(!error.message.includes("secret"), error.message);
  }
  const db: [unknown, string][] = [
    [{ hostnam: "x" }, 'did you mean "hostname"'],
    [{ hostname: "" }, "a name or an address"],
    [{ port: 0 }, "1 to 65535"],
    [{ timeout: 0 }, "more than 0"],
    [{ password: 5 }, "expected a string"],
    [{ username: {} }, "expected a string"],
    [{ db: "x" }, "whole number"],
    [{ tls: "yes" }, "true or false"],
    [{ caCerts: "secret" }, "an array of strings"],
    [{ hostname: Symbol("h") }, "a name or an address"],
    [null, "expected an object"],
    ["x", "expected an object"],
  ];
  for (const [options, words] of db) {
    const error = assertThrows(() => connect(options as never), Error);
    assert(error.message.includes(words), error.message);
  }
});

Deno.test("redis: what a client is told beside it is checked too", () => {
  const send = () => Promise.resolve(null);
  const wrong: [unknown, unknown, string][] = [
    [send, { timeouts: 1 }, 'did you mean "timeout"'],
    [send, null, "expected an object"],
    [send, { timeout: "30d" }, "86400 seconds at most"],
    // It stands among the others where there are others.
    [{ port: 1 }, { timeout: 1 }, "among them"],
  ];
  for (const [source, options, words] of wrong) {
    const error = assertThrows(() => redis(source as never, options as never));
    assert((error as Error).message.includes(words), `${error}`);
  }
});

Deno.test("redis: passwords of the driver's options are known as such", () => {
  const { secrets } = planIoredis("redis", {
    url: "redis://:one%21@h",
    sentinels: ["h"],
    sentinelPassword: "two",
    tls: { passphrase: "three", ca: "no" },
    options: { redisOptions: { password: "four" }, name: "no" },
  }, 1);
  assertEquals([...secrets].sort(), ["four", "one!", "three", "two"]);
});

async function assertWorks(store: ThirdTierStore): Promise<void> {
  const tier = store.open("cache");
  try {
    const heard: string[] = [];
    const end = await tier.subscribe({
      message: (text) => heard.push(text),
      gap: (seconds) => heard.push(`gap ${seconds}`),
    });
    await tier.write("a", 0, value("one"), "hello");
    const [found] = await tier.read(["a"], 0);
    assertEquals(textOf(found), "one");
    await until("the message", 5, () => heard.length > 0 ? true : undefined);
    assertEquals(heard, ["hello"]);
    await end?.();
  } finally {
    await tier.close();
  }
}

Deno.test({
  name: "redis: over TLS with a certificate of one's own",
  ignore: !hasRedis() || !hasOpenssl(),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "oresty_tls_" });
    try {
      const { ca: authority, cert, key } = await makeCertificate(folder);
      const port = freePort();
      await using server = await startRedis({
        password: "right",
        args: [
          ...["--tls-port", String(port), "--tls-cert-file", cert],
          ...["--tls-key-file", key, "--tls-auth-clients", "no"],
        ],
      });
      assert(server.port !== port);
      const ca = await Deno.readTextFile(authority);
      const url = `rediss://:right@localhost:${port}`;
      await assertWorks(redis({ url, tls: { ca } }));
      await assertWorks(redis({ url: `${url}/1`, tls: { ca } }));
      const driver = () => Promise.resolve({ connect: standIn as never });
      await assertWorks(connectBy({
        hostname: "localhost",
        port,
        tls: true,
        caCerts: [ca],
        password: "right",
      }, driver));
      // Nobody vouches for it.
      const strange = redis({ url }).open("cache");
      const error = await assertRejects(() => strange.read(["a"], 0), Error);
      assert(/certificate|issuer|self/i.test(error.message), error.message);
      await strange.close();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "redis: where the sentinels say",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    await using sentinel = await Service.start((port, folder) => {
      const config = join(folder, "sentinel.conf");
      Deno.writeTextFileSync(
        config,
        `bind 127.0.0.1\nport ${port}\n` +
          `sentinel monitor main 127.0.0.1 ${server.port} 1\n`,
      );
      return {
        name: "sentinel",
        program: "redis-server",
        cwd: folder,
        args: [config, "--sentinel"],
        async ready() {
          await commandRedis(port, ["SENTINEL", "MASTERS"]);
        },
      };
    });
    await assertWorks(
      redis({ sentinels: [sentinel.address], sentinelName: "main" }),
    );
    const stranger = redis({ sentinels: [sentinel.address], sentinelName: "x" })
      .open("cache");
    await assertRejects(() => stranger.read(["a"], 0), Error);
    await stranger.close();
    // So long ioredis waits for the end of its connections to sentinels.
    await new Promise((resolve) => setTimeout(resolve, 2100));
  },
});

Deno.test({
  name: "redis: a name and a password of the access list",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis({
      args: ["--user", "cache", "on", ">pass", "~*", "&*", "+@all"],
    });
    const { port } = server;
    await assertWorks(redis({ port, username: "cache", password: "pass" }));
    await assertWorks(redis({ url: `redis://cache:pass@127.0.0.1:${port}` }));
    const driver = () => Promise.resolve({ connect: standIn as never });
    await assertWorks(
      connectBy(
        { port, hostname: "127.0.0.1", username: "cache", password: "pass" },
        driver,
      ),
    );
  },
});
