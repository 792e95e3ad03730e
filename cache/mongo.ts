/**
 * MongoDB as the third tier of a cache, and a client for a collection. The
 * driver npm:mongodb is loaded when a connection is made; it needs the
 * permissions net, env, read and sys.
 *
 * @module
 */
export type { MongoOptions } from "./mongo/options.ts";
export { mongo } from "./mongo/mongo_store.ts";
export type { ReadyCollectionOptions } from "./mongo/mongo_store.ts";
export { mongoClient } from "./mongo/mongo_client.ts";
export type {
  MongoClientOptions,
  MongoCollectionClient,
  MongoMethod,
  MongoMethods,
} from "./mongo/mongo_client.ts";
export type {
  MongoCollectionLike,
  MongoDocument,
} from "./mongo/_collection.ts";
export * from "./third_tier.ts";
export * from "./third_tier_error.ts";
