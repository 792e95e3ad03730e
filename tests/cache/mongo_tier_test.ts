import { MongoClient } from "mongodb";
import { hasMongo, startMongo } from "../services.ts";
import type { ThirdTier, ThirdTierStore } from "../../cache/third_tier.ts";
import { mongo } from "../../cache/mongo.ts";
import { type Ground, runTierCases } from "./third_tier_cases.ts";

interface OwnedStore extends AsyncDisposable {
  readonly store: ThirdTierStore;
}

let count = 0;

/** A collection of its own each time: the server forgets nothing. */
const STORES: Record<string, (url: string) => Promise<OwnedStore>> = {
  async "options"(url) {
    return {
      store: mongo({ url, db: "tests", collection: `c${count++}` }),
      [Symbol.asyncDispose]: async () => {},
    };
  },
  async "a collection"(url) {
    const client = new MongoClient(url, { serverMonitoringMode: "poll" });
    const store = mongo(client.db("tests").collection(`c${count++}`));
    return { store, [Symbol.asyncDispose]: () => client.close() };
  },
};

function groundOf({ store, ...owned }: OwnedStore): Ground {
  const tiers: ThirdTier[] = [];
  return {
    host(name) {
      const tier = store.open(name);
      tiers.push(tier);
      return tier;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(tiers.map((tier) => tier.close()));
      await owned[Symbol.asyncDispose]();
    },
  };
}

for (const [kind, make] of Object.entries(STORES)) {
  Deno.test({
    name: `third tier, mongo: ${kind}`,
    ignore: !hasMongo(),
    async fn(test) {
      await using server = await startMongo();
      const url = `mongodb://${server.address}`;
      await runTierCases(test, async () => groundOf(await make(url)));
    },
  });
}
