/**
 * Redis as the third tier of a cache, and a client for any command. The driver
 * npm:ioredis is loaded when a connection is made; it needs the permissions net
 * and env.
 *
 * @module
 */
export * from "./redis/options.ts";
export { redis } from "./redis/redis_store.ts";
export type {
  ReadyClientOptions,
  RedisClientLike,
} from "./redis/redis_store.ts";
export { redisClient } from "./redis/redis_client.ts";
export type {
  RedisClient,
  RedisClientOptions,
  ServEntry,
} from "./redis/redis_client.ts";
export * from "./redis/commands.ts";
export type { RedisCommandFunction } from "./redis/_ready_links.ts";
export * from "./third_tier.ts";
export * from "./third_tier_error.ts";
