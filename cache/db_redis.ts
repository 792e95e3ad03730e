/**
 * Redis as the third tier of a cache by `jsr:@db/redis`, which is loaded when a
 * connection is made; it needs the permission net.
 *
 * @module
 */
export { connect } from "./db_redis/connect.ts";
export type { DbRedisClientLike, DbRedisOptions } from "./db_redis/connect.ts";
export * from "./third_tier.ts";
export * from "./third_tier_error.ts";
