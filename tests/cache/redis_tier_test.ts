import {
  commandRedis,
  hasRedis,
  type Service,
  startRedis,
} from "../services.ts";
import type { ThirdTier } from "../../cache/third_tier.ts";
import { CLIENTS, CLUSTER_CLIENTS, type MakeStore } from "./redis_clients.ts";
import { type Ground, runTierCases } from "./third_tier_cases.ts";

async function groundOf(server: Service, make: MakeStore): Promise<Ground> {
  await commandRedis(server.port, ["FLUSHALL"]);
  const owned = await make(server.port);
  const tiers: ThirdTier[] = [];
  return {
    host(name) {
      const tier = owned.store.open(name);
      tiers.push(tier);
      return tier;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(tiers.map((tier) => tier.close()));
      await owned[Symbol.asyncDispose]();
    },
  };
}

for (const [kind, make] of Object.entries(CLIENTS)) {
  Deno.test({
    name: `third tier, redis: ${kind}`,
    ignore: !hasRedis(),
    async fn(test) {
      await using server = await startRedis();
      await runTierCases(test, () => groundOf(server, make));
    },
  });
}

for (const [kind, make] of Object.entries(CLUSTER_CLIENTS)) {
  Deno.test({
    name: `third tier, redis cluster: ${kind}`,
    ignore: !hasRedis(),
    async fn(test) {
      await using server = await startRedis({ isCluster: true });
      await runTierCases(test, () => groundOf(server, make));
    },
  });
}
