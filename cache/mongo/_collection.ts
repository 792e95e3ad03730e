/** A document as the driver gives and takes it. */
export type MongoDocument = Record<string, unknown>;

/** A collection of the driver, by its shape. */
export interface MongoCollectionLike {
  /** By this method and the next one it is known. */
  findOneAndUpdate(
    filter: never,
    update: never,
    options?: never,
  ): Promise<unknown>;
  /** By this method and the last one it is known. */
  updateOne(filter: never, update: never, options?: never): Promise<unknown>;
}

/** As much of the driver's `Collection` as is called here. */
export interface Collection {
  findOne(
    filter: MongoDocument,
    options?: MongoDocument,
  ): Promise<MongoDocument | null>;
  findOneAndUpdate(
    filter: MongoDocument,
    update: MongoDocument,
    options?: MongoDocument,
  ): Promise<MongoDocument | null>;
  updateOne(
    filter: MongoDocument,
    update: MongoDocument,
    options?: MongoDocument,
  ): Promise<{ matchedCount: number }>;
  updateMany(filter: MongoDocument, update: MongoDocument): Promise<unknown>;
  bulkWrite(operations: MongoDocument[]): Promise<unknown>;
  createIndex(spec: MongoDocument, options: MongoDocument): Promise<unknown>;
  find(filter: MongoDocument): { toArray(): Promise<MongoDocument[]> };
  readonly db?: Database;
  /** Where older versions of the driver have it. */
  readonly s?: { readonly db?: Database };
}

/** As much of the driver's `Db` as is used here. */
export interface Database {
  command(command: MongoDocument): Promise<MongoDocument>;
}

/** A way to a collection, opened here or handed in. */
export interface CollectionSource {
  /** What must not be read in an error. */
  readonly secrets: readonly string[];
  /** Loads what must be loaded; the time of it is no server's fault. */
  prepare(): Promise<void>;
  collection(): Collection;
  /** Ends the connection, when it is not somebody else's. */
  close(): Promise<void>;
}
