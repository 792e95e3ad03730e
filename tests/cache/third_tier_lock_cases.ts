import { assert, assertEquals } from "@std/assert";
import {
  expectMine,
  type Ground,
  readText,
  sleep,
  textOf,
  value,
} from "./third_tier_ground.ts";

/** Claims, locks, and what comes between a claim and its commit. */
export const LOCK_CASES: Record<string, (ground: Ground) => Promise<void>> = {
  async "one host has the lock, others learn for how long"({ host }) {
    const tier = host("cache");
    await tier.write("a", 0, value("old", 0.05, 30), "");
    await sleep(0.1);
    expectMine(await tier.claim("a", 0, "t1", 5, false));
    const claim = await host("cache").claim("a", 0, "t2", 5, false);
    assert(claim.state === "taken");
    assertEquals(textOf(claim.value), "old");
    assert(claim.wait > 2 && claim.wait <= 5.01, String(claim.wait));
    expectMine(await host("cache").claim("b", 0, "t2", 5, false));
  },

  async "of many hosts at once one has the lock"({ host }) {
    const claims = await Promise.all(
      Array.from(
        { length: 20 },
        (_, i) => host("cache").claim("a", 0, `t${i}`, 5, false),
      ),
    );
    const mine = claims.filter(({ state }) => state === "mine");
    const taken = claims.filter(({ state }) => state === "taken");
    assertEquals([mine.length, taken.length], [1, 19]);
  },

  async "who asks again with its token has the lock still"({ host }) {
    const tier = host("cache");
    const first = expectMine(await tier.claim("a", 0, "t", 5, false));
    const second = expectMine(await tier.claim("a", 0, "t", 5, false));
    assertEquals(second.fence, first.fence);
  },

  async "a forced claim does not count a fresh value"({ host }) {
    const tier = host("cache");
    await tier.write("a", 0, value("one", 30), "");
    const claim = expectMine(await tier.claim("a", 0, "t", 5, true));
    assertEquals(textOf(claim.value), "one");
    assert((claim.value?.fresh ?? 0) > 0);
    // Those who do not force go on with the value.
    const other = await host("cache").claim("a", 0, "t2", 5, false);
    assertEquals(other.state, "fresh");
    const third = await host("cache").claim("a", 0, "t2", 5, true);
    assertEquals(third.state, "taken");
  },

  async "a commit writes, and gives the lock back"({ host }) {
    const tier = host("cache");
    const first = expectMine(await tier.claim("a", 0, "t1", 5, false));
    assert(await tier.commit("a", 0, "t1", value("one", 30), ""));
    const claim = await host("cache").claim("a", 0, "t2", 5, false);
    assertEquals([claim.state, textOf(claim.value)], ["fresh", "one"]);
    const forced = expectMine(
      await host("cache").claim("a", 0, "t2", 5, true),
    );
    assert(forced.fence > first.fence);
    // It is given back once.
    assertEquals(await tier.commit("a", 0, "t1", value("late"), ""), false);
    assertEquals(await readText(tier, "a"), "one");
  },

  async "the fence only grows"({ host }) {
    let last = 0;
    for (let i = 0; i < 5; i++) {
      const tier = host("cache");
      const { fence } = expectMine(await tier.claim("a", 0, `${i}`, 5, false));
      assert(fence > last && Number.isSafeInteger(fence));
      last = fence;
      if (i % 2 === 0) await tier.release("a", `${i}`, "");
      else await tier.remove(["a"], "");
    }
  },

  async "without the lock nothing is committed"({ host }) {
    const tier = host("cache");
    assertEquals(await tier.commit("a", 0, "t", value("one"), ""), false);
    expectMine(await tier.claim("a", 0, "t1", 5, false));
    assertEquals(await tier.commit("a", 0, "t2", value("two"), ""), false);
    assertEquals(await readText(tier, "a"), undefined);
    assert(await tier.commit("a", 0, "t1", value("one"), ""));
  },

  async "a lock that nobody renews is free again"({ host }) {
    const [one, two] = [host("cache"), host("cache")];
    const first = expectMine(await one.claim("a", 0, "t1", 0.1, false));
    await sleep(0.2);
    const second = expectMine(await two.claim("a", 0, "t2", 30, false));
    assert(second.fence > first.fence);
    assertEquals(await one.renew("a", "t1", 5), false);
    assertEquals(await one.commit("a", 0, "t1", value("late"), ""), false);
    await one.release("a", "t1", "");
    assert(await two.commit("a", 0, "t2", value("two"), ""));
    assertEquals(await readText(one, "a"), "two");
  },

  async "a lock that lapsed and was not taken cannot commit"({ host }) {
    const tier = host("cache");
    expectMine(await tier.claim("a", 0, "t1", 0.05, false));
    await sleep(0.15);
    assertEquals(await tier.commit("a", 0, "t1", value("late"), ""), false);
    assertEquals(await readText(tier, "a"), undefined);
  },

  async "a lock that is renewed is kept"({ host }) {
    const tier = host("cache");
    expectMine(await tier.claim("a", 0, "t1", 0.5, false));
    assert(await tier.renew("a", "t1", 30));
    await sleep(0.6);
    const other = await host("cache").claim("a", 0, "t2", 5, false);
    assertEquals(other.state, "taken");
    assertEquals(await tier.renew("a", "t2", 5), false);
    assertEquals(await tier.renew("b", "t1", 5), false);
    assert(await tier.commit("a", 0, "t1", value("one"), ""));
  },

  async "a lock that is released is free"({ host }) {
    const tier = host("cache");
    expectMine(await tier.claim("a", 0, "t1", 30, false));
    await host("cache").release("a", "t2", "");
    const other = await host("cache").claim("a", 0, "t2", 5, false);
    assertEquals(other.state, "taken");
    await tier.release("a", "t1", "");
    expectMine(await host("cache").claim("a", 0, "t2", 5, false));
  },

  async "a write during a load wins"({ host }) {
    const [loader, writer] = [host("cache"), host("cache")];
    expectMine(await loader.claim("a", 0, "t1", 30, false));
    await writer.write("a", 0, value("written"), "");
    assertEquals(await loader.renew("a", "t1", 5), false);
    assertEquals(await loader.commit("a", 0, "t1", value("load"), ""), false);
    assertEquals(await readText(loader, "a"), "written");
  },

  async "a remove during a load wins"({ host }) {
    const [loader, other] = [host("cache"), host("cache")];
    await other.write("a", 0, value("old"), "");
    await other.write("b", 0, value("kept"), "");
    expectMine(await loader.claim("a", 0, "t1", 30, true));
    await other.remove(["a", "never"], "");
    assertEquals(await loader.commit("a", 0, "t1", value("load"), ""), false);
    assertEquals(await readText(loader, "a"), undefined);
    assertEquals(await readText(loader, "b"), "kept");
    await other.remove([], "");
    expectMine(await other.claim("a", 0, "t2", 5, false));
  },

  async "an end that is set takes the lock from a load"({ host }) {
    const [loader, other] = [host("cache"), host("cache")];
    expectMine(await loader.claim("a", 0, "t1", 30, false));
    await other.expire("a", 0, 5, "");
    assertEquals(await loader.commit("a", 0, "t1", value("load"), ""), false);
  },
};
