import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MongoClient } from "mongodb";
import {
  freePort,
  hasMongo,
  startMongo,
  TcpProxy,
  until,
} from "../services.ts";
import type { ThirdTier } from "../../cache/third_tier.ts";
import { mongo, mongoClient, ThirdTierError } from "../../cache/mongo.ts";
import { connect } from "../../cache/db_redis.ts";
import { redis, redisClient } from "../../cache/redis.ts";
import type { Collection } from "../../cache/mongo/_collection.ts";
import { OwnSource, ReadySource } from "../../cache/mongo/_source.ts";
import { MongoStore } from "../../cache/mongo/mongo_store.ts";
import { sleep, textOf, value } from "./third_tier_cases.ts";
import { assertTierRefuses, assertWorksSoon } from "./third_tier_faults.ts";

/** What a collection is known by. */
const COLLECTION = {
  findOneAndUpdate: () => Promise.resolve(null),
  updateOne: () => Promise.resolve(null),
};

/** As `assertTierRefuses`; it is not the server that refuses. */
async function assertRefused(tier: ThirdTier): Promise<void> {
  await assertTierRefuses(tier, "mongo", ({ reason, message }) => {
    assert(reason !== "server", message);
  });
}

Deno.test({
  name: "third tier, mongo: frozen, cut and killed servers hold nobody up",
  ignore: !hasMongo(),
  async fn() {
    await using server = await startMongo();
    await using proxy = new TcpProxy(server.port);
    const tier = mongo({ url: `mongodb://127.0.0.1:${proxy.port}` })
      .open("cache");
    await assertWorksSoon(tier);
    proxy.cut();
    await assertRefused(tier);
    await assertRefused(tier);
    proxy.resume();
    await assertWorksSoon(tier);
    proxy.hang();
    await assertRefused(tier);
    await assertRefused(tier);
    proxy.resume();
    await assertWorksSoon(tier);
    server.pause();
    try {
      await assertRefused(tier);
    } finally {
      server.resume();
    }
    await assertWorksSoon(tier);
    assertEquals(
      (await tier.claim("load", 0, "t", 30, false)).state,
      "mine",
    );
    await server.kill();
    await assertRefused(tier);
    await server.restart();
    await assertWorksSoon(tier);
    // The lock was lost with the server.
    assertEquals(
      await tier.commit("load", 0, "t", value("late"), ""),
      false,
    );
    await tier.close();
  },
});

Deno.test({
  name: "third tier, mongo: no server at all is an error in time",
  ignore: !hasMongo(),
  async fn() {
    const password = "s3cret&word";
    const encoded = encodeURIComponent(password);
    const url = `mongodb://user:${encoded}@127.0.0.1:${freePort()}`;
    const tier = mongo({ url }).open("cache");
    await assertRefused(tier);
    const error = await assertRejects(() => tier.read(["a"], 0));
    const shown = Deno.inspect(error, { depth: 10 });
    assert(!shown.includes(password) && !shown.includes(encoded), shown);
    await tier.close();
  },
});

Deno.test({
  name: "third tier, mongo: hosts whose clocks differ agree on what is stale",
  ignore: !hasMongo(),
  async fn() {
    await using server = await startMongo();
    const client = new MongoClient(`mongodb://${server.address}`, {
      serverMonitoringMode: "poll",
    });
    try {
      const collection = client.db("tests")
        .collection("skew") as unknown as Collection;
      const host = (skew: () => number): ThirdTier =>
        new MongoStore(new ReadySource(collection), 0.5, {
          wall: () => Date.now() + skew(),
          steady: () => performance.now(),
        }).open("cache");
      const hour = 3_600_000;
      let jump = 0;
      const [right, ahead, behind, jumping] = [
        host(() => 0),
        host(() => hour),
        host(() => -hour),
        host(() => jump),
      ];
      const all = [right, ahead, behind, jumping];
      for (const [i, writer] of all.entries()) {
        // A clock that is set while the host runs.
        jump += 10 * hour;
        await writer.write(`${i}`, 0, value(`by ${i}`, 20, 10), "");
        for (const reader of all) {
          const [found] = await reader.read([`${i}`], 0);
          assertEquals(textOf(found), `by ${i}`);
          const fresh = found?.fresh ?? 0;
          assert(fresh > 18 && fresh < 21, `${fresh}`);
          const claim = await reader.claim(`${i}`, 0, "t", 5, false);
          assertEquals(claim.state, "fresh");
        }
      }
      // A lock of one is a lock for the others.
      assertEquals((await ahead.claim("l", 0, "a", 30, false)).state, "mine");
      assertEquals((await behind.claim("l", 0, "b", 30, false)).state, "taken");
      assert(await ahead.commit("l", 0, "a", value("x", 0.2, 0), ""));
      await sleep(0.4);
      for (const reader of all) {
        assertEquals(await reader.read(["l"], 0), [undefined]);
      }
    } finally {
      await client.close();
    }
  },
});

Deno.test({
  name: "third tier, mongo: the index is there, and every document has an end",
  ignore: !hasMongo(),
  async fn() {
    await using server = await startMongo();
    const url = `mongodb://${server.address}`;
    const store = mongo({ url, db: "d", collection: "c", timeout: 5 });
    const tier = store.open("cache");
    await tier.write("a", 0, value("x", 60, 60), "");
    await tier.write("forever", 0, value("x", 0, 0), "");
    await tier.claim("b", 0, "t", 5, false);
    await tier.claim("c", 0, "t", 5, false);
    await tier.commit("c", 0, "t", value("x", 5, 5), "");
    await tier.remove(["a"], "");
    await using client = mongoClient("c", { url, db: "d" });
    const indexes = await client.indexes() as Record<string, unknown>[];
    const index = indexes.find(({ name }) => name === "expireAt_1");
    assertEquals(index?.["expireAfterSeconds"], 0);
    for (const found of await client.find({})) {
      const end = found["expireAt"] as Date;
      const left = (end.getTime() - Date.now()) / 1000;
      const isForever = found["_id"] === "e:cache:forever";
      assert(
        isForever ? left > 1e9 : left > 0 && left < 200,
        `${found["_id"]}`,
      );
    }
    // What was removed is no more in it, though its document is.
    const removed = await client.findOne({ _id: "e:cache:a" });
    assert(removed !== null && !("data" in removed));
    await tier.close();
  },
});

Deno.test({
  name: "third tier, mongo: strange documents under our keys are nothing",
  ignore: !hasMongo(),
  async fn() {
    await using server = await startMongo();
    const url = `mongodb://${server.address}`;
    const patient = { url, timeout: 5 };
    await using client = mongoClient("cache", { ...patient, db: "oresty" });
    const tier = mongo(patient).open("cache");
    const strange = [
      {},
      { data: "text", epoch: 0, staleAt: 9e15, goneAt: 9e15 },
      { epoch: "x", token: 5, lockUntil: "soon" },
      { data: null, epoch: null },
    ];
    for (const [i, fields] of strange.entries()) {
      await client.insertOne({ _id: `e:cache:${i}`, ...fields });
      assertEquals(await tier.read([`${i}`], 0), [undefined]);
      await tier.write(`${i}`, 0, value("ours"), "");
      const [found] = await tier.read([`${i}`], 0);
      assertEquals(textOf(found), "ours");
    }
    await tier.close();
  },
});

Deno.test({
  name: "mongoClient: a collection by its methods, in time",
  ignore: !hasMongo(),
  async fn() {
    await using server = await startMongo();
    await using proxy = new TcpProxy(server.port);
    const url = `mongodb://127.0.0.1:${proxy.port}`;
    await using users = mongoClient("users", {
      url,
      db: "app",
      timeout: 2,
    });
    await users.insertOne({ _id: 1, name: "Ada" });
    await users.insertMany([{ _id: 2, name: "Bob" }, { _id: 3, name: "Cy" }]);
    assertEquals((await users.findOne({ _id: 1 }))?.["name"], "Ada");
    assertEquals(await users.findOne({ _id: 9 }), null);
    assertEquals(await users.countDocuments({}), 3);
    const found = await users.find({ _id: { $gt: 1 } }, { sort: { _id: -1 } });
    assertEquals(found.map(({ name }) => name), ["Cy", "Bob"]);
    await users.updateOne({ _id: 1 }, { $set: { name: "Eve" } });
    const error = await assertRejects(
      () => users.insertOne({ _id: 1 }),
      ThirdTierError,
    );
    assertEquals([error.reason, error.operation], ["server", "insertOne"]);
    proxy.hang();
    const began = performance.now();
    const late = await assertRejects(
      () => users.findOne({ _id: 1 }),
      ThirdTierError,
    );
    assert(late.reason !== "server");
    assert(performance.now() - began < 4000);
    proxy.resume();
    await until("the client", 10, async () => {
      const eve = await users.findOne({ _id: 1 });
      return eve?.["name"] === "Eve" ? true : undefined;
    });
    await users.close();
    await assertRejects(() => users.findOne({}), ThirdTierError, "closed");
  },
});

Deno.test("third tier: who logs a store does not log its password", async () => {
  const secret = "s3cret";
  const stores = [
    mongo({ url: `mongodb://u:${secret}@h`, options: { password: secret } }),
    mongoClient("c", { url: `mongodb://u:${secret}@h` }),
    redis({ url: `redis://u:${secret}@h` }),
    redis({ cluster: ["h"], password: secret }),
    redisClient({ password: secret }),
    connect({ password: secret }),
  ];
  for (const store of stores) {
    const shown = Deno.inspect(store, { depth: 20, showHidden: true }) +
      JSON.stringify(store);
    assert(!shown.includes(secret), shown);
    if ("close" in store) await store.close();
  }
});

Deno.test("mongo: addresses that mean one thing are taken", async () => {
  const urls = [
    "mongodb://h",
    "mongodb://a:1,b:2/db?replicaSet=x@y",
    "mongodb://user:p%40%2F%3A@h:1/db",
    "mongodb+srv://user:pass@h/?authSource=admin",
    "mongodb://%2Ftmp%2Fmongodb-27017.sock",
  ];
  for (const url of urls) await mongo({ url }).open("cache").close();
});

Deno.test("mongo: what is closed makes no connection any more", async () => {
  let made = 0;
  class MongoClient {
    constructor() {
      made++;
    }
    on(): void {}
    db(): never {
      throw new Error("used");
    }
  }
  const loaded = Promise.withResolvers<unknown>();
  const source = new OwnSource("mongo", {}, 0.5, () => loaded.promise);
  const tier = new MongoStore(source, 0.5).open("cache");
  const read = tier.read(["a"], 0);
  await tier.close();
  loaded.resolve({ MongoClient });
  await assertRejects(() => read, ThirdTierError, "closed");
  assertEquals(made, 0);
});

Deno.test("mongoClient: a call that was closed over is not sent again", async () => {
  let calls = 0;
  const broken = Promise.withResolvers<never>();
  const collection = {
    ...COLLECTION,
    findOne: () => {
      calls++;
      return broken.promise;
    },
  };
  const client = mongoClient(collection);
  const found = client.findOne({});
  await new Promise((resolve) => setTimeout(resolve, 10));
  await client.close();
  broken.reject(new Error("the connection was closed"));
  await assertRejects(() => found, ThirdTierError, "closed");
  assertEquals(calls, 1);
});

Deno.test("mongo: wrong options are refused", () => {
  const wrong: [() => unknown, string][] = [
    [() => mongo({ urll: "x" } as never), '"url"'],
    [() => mongo({ url: "redis://x:secret@y" }), 'expected "mongodb://'],
    // What stands behind such a mark would be asked for as a host.
    [() => mongo({ url: "mongodb://u:p@secret@h" }), "percent-encoded"],
    [() => mongo({ url: "mongodb://u:p/secret@h/db" }), "percent-encoded"],
    [() => mongo({ url: "mongodb://u:p:secret@h" }), "percent-encoded"],
    [() => mongo({ url: "mongodb://u:50%secret@h" }), "percent-encoded"],
    [() => mongo({ db: Symbol("d") } as never), "expected a name"],
    [() => mongo({ timeout: "30d" }), "86400 seconds at most"],
    [() => mongo({}, { timeout: 1 }), "among them"],
    [() => mongo(COLLECTION, { timeouts: 1 } as never), '"timeout"'],
    [() => mongo(COLLECTION, null as never), "expected an object"],
    [() => mongoClient(undefined as never), "expected its name"],
    [() => mongoClient("a", { retries: Symbol("r") } as never), "whole number"],
    [() => mongo({ db: "" }), "expected a name"],
    [() => mongo({ collection: 5 } as never), "expected a name"],
    [() => mongo({ timeout: 0 }), "more than 0"],
    [() => mongo({ options: [] } as never), "expected an object"],
    [() => mongo(new Map() as never), 'class "Map"'],
    [() => mongo(null as never), "expected an object"],
    [() => mongo("mongodb://h" as never), "expected an object"],
    [() => mongoClient("a", { retries: -1 }), "whole number"],
    [() => mongoClient("a", { collection: "b" } as never), "unknown"],
  ];
  for (const [make, words] of wrong) {
    const error = assertThrows(make, Error);
    assert(error.message.includes(words), error.message);
    assert(!error.message.includes("secret"), error.message);
  }
});
