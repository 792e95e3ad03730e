import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  hasRedis,
  RedisMonitor,
  startRedis,
  TcpProxy,
  until,
} from "../services.ts";
import { redisClient, ThirdTierError } from "../../cache/redis.ts";
import { sleep } from "./third_tier_cases.ts";

Deno.test({
  name: "redisClient: any command by its name",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    await using client = redisClient({ port: server.port });
    assertEquals(await client.get("a"), null);
    assertEquals(await client.set("a", "é鍵", "PX", 60_000), "OK");
    assertEquals(await client.get("a"), "é鍵");
    assertEquals(await client.incrby("n", 5), 5);
    assertEquals(await client.hset("h", "x", 1, "__proto__", 2), 2);
    assertEquals(
      { ...await client.hgetall("h") },
      JSON.parse(
        '{ "x": "1", "__proto__": "2" }',
      ),
    );
    assertEquals({ ...await client.hgetall("never") }, {});
    assertEquals(await client.rpush("l", "a", "b"), 2);
    assertEquals(await client.lrange("l", 0, -1), ["a", "b"]);
    assertEquals(await client.mget("a", "never"), ["é鍵", null]);
    const sum = "return {ARGV[1] + 1, 'x', false, {KEYS[1]}}";
    assertEquals(await client.eval(sum, 1, "k", 41), [42, "x", null, ["k"]]);
    assertEquals(await client.call("config", "get", "port"), [
      "port",
      String(server.port),
    ]);
    const bytes = Uint8Array.of(0, 255, 128);
    await client.set("b", bytes);
    const found = await client.callBytes("GET", "b") as Uint8Array;
    assertEquals([...found], [...bytes]);
    // A byte order mark at the start is of the value.
    await client.set("mark", "\ufeffx");
    assertEquals(await client.get("mark"), "\ufeffx");
    // A name that is no command is the server's to refuse.
    const error = await assertRejects(
      () => client.call("nonsense"),
      ThirdTierError,
    );
    assertEquals(error.reason, "server");
    assert(!("then" in client) && await client === client);
    // No command TOJSON is sent, whose failure nobody would catch.
    assertEquals(typeof JSON.stringify({ client }), "string");
    assertEquals((client as unknown as { toJSON: unknown }).toJSON, undefined);
  },
});

Deno.test({
  name: "redisClient: a cluster by any of its names",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis({ isCluster: true });
    const { host, port } = server;
    for (
      const conf of [
        { serv_list: [{ ip: host, port }] },
        { servList: [{ host, port }] },
        { cluster: [`${host}:${port}`] },
      ]
    ) {
      await using client = redisClient(conf);
      await client.set("a", "1");
      assertEquals(await client.get("a"), "1");
    }
    await sleep(0.1);
  },
});

Deno.test({
  name: "redisClient: reads are sent again, writes are not",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    await using proxy = new TcpProxy(server.port);
    await using client = redisClient({ port: proxy.port });
    await client.set("n", "1");
    const cutOnce = (): void => {
      proxy.cut();
      setTimeout(() => proxy.resume(), 50);
    };
    cutOnce();
    assertEquals(await client.get("n"), "1");
    cutOnce();
    await assertRejects(() => client.incr("n"), ThirdTierError);
    await until("the client", 5, () => client.ping());
    assertEquals(await client.get("n"), "1");
    await using once = redisClient({ port: proxy.port, retries: 0 });
    await once.ping();
    cutOnce();
    await assertRejects(() => once.get("n"), ThirdTierError);
    await sleep(0.1);
    // What the server answers with an error is not asked again.
    await using monitor = await RedisMonitor.start(server.port);
    await assertRejects(() => client.hget("n", "x"), ThirdTierError);
    assertEquals(await monitor.take(server.port), ["HGET n"]);
  },
});

Deno.test({
  name: "redisClient: no call is longer than its timeout",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    await using client = redisClient({ port: server.port, timeout: 0.2 });
    await client.ping();
    server.pause();
    try {
      for (const call of [() => client.get("a"), () => client.set("a", "b")]) {
        const began = performance.now();
        const error = await assertRejects(call, ThirdTierError);
        assertEquals(error.reason, "timeout");
        assert(performance.now() - began < 600);
      }
    } finally {
      server.resume();
    }
    await until("the client", 5, () => client.ping());
    // A command that blocks is over then, too.
    await assertRejects(() => client.call("BLPOP", "never", 0), ThirdTierError);
    await client.close();
    await assertRejects(() => client.ping(), ThirdTierError, "closed");
  },
});

Deno.test("redisClient: wrong options and arguments are refused", async () => {
  const wrong: [unknown, string][] = [
    [{ hots: "x" }, '"host"'],
    [{ retries: -1 }, "whole number"],
    [{ retries: 1.5 }, "whole number"],
    [{ cluster: ["a"], servList: ["a"] }, "given twice"],
    [{ serv_list: ["a"], servList: ["a"] }, "given twice"],
    [{ serv_list: [] }, "host:port"],
    [{ port: "6379" }, "whole number"],
    [{ serv_list: "h:1" }, "host:port"],
    [{ serv_list: [null] }, "host:port"],
    [{ serv_list: [{ ip: 5 }] }, "host:port"],
    [{ serv_list: [{ ip: "h", port: -1 }] }, "host:port"],
    [{ retries: Symbol("r") }, "whole number"],
    [{ timeout: 0 }, "more than 0"],
    [{ timeout: 1e9 }, "86400 seconds at most"],
  ];
  for (const [conf, words] of wrong) {
    const error = assertThrows(() => redisClient(conf as never), Error);
    assert(error.message.includes(words), error.message);
  }
  const client = redisClient({ port: 1 });
  const calls: [() => Promise<unknown>, string][] = [
    [() => client.call("subscribe", "x"), "shared"],
    [() => client.call("MULTI"), "shared"],
    [() => client.call("client", "Reply", "skip"), "shared"],
    [() => client.call(""), "no command"],
    [() => client.call("GET\r\nFLUSHALL"), "no command"],
    [() => client.get(undefined as never), "undefined"],
    [() => client.set("a", { b: 1 } as never), "object"],
    [() => client.set("a", null as never), "null"],
  ];
  for (const [call, words] of calls) {
    const error = await assertRejects(call, TypeError);
    assert(error.message.includes(words), error.message);
  }
  await client.close();
});
