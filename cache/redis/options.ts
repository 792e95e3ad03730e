/** Address of a server. */
export interface RedisEndpoint {
  /** Name or address. */
  host: string;
  /**
   * Where it listens.
   *
   * @default 6379, of a sentinel 26379
   */
  port?: number;
}

/** How to reach Redis; without any option it is 127.0.0.1:6379. */
export interface RedisOptions {
  /** `redis://user:password@host:port/db`, or `rediss:` for TLS. */
  url?: string | URL;
  /**
   * Name or address.
   *
   * @default "127.0.0.1"
   */
  host?: string;
  /**
   * Where it listens.
   *
   * @default 6379
   */
  port?: number;
  /** Number of the database; a cluster has only 0. */
  db?: number;
  /** Who is asking; the default user when it is left out. */
  username?: string;
  /** Of the user, or the `requirepass` of the server. */
  password?: string;
  /** `true`, or the options of `node:tls`, such as `{ ca }`. */
  tls?: boolean | Record<string, unknown>;
  /** Some nodes of a cluster, as "host:port"; it is one when this is given. */
  cluster?: readonly (string | RedisEndpoint)[];
  /** The sentinels that know the server, as "host:port". */
  sentinels?: readonly (string | RedisEndpoint)[];
  /**
   * How the sentinels call the server.
   *
   * @default "mymaster"
   */
  sentinelName?: string;
  /** Of the sentinels; that of the server is another one. */
  sentinelPassword?: string;
  /**
   * Seconds after which a call has failed, connecting included.
   *
   * @default 0.5
   */
  timeout?: number | string;
  /**
   * Further options of ioredis, of its `Cluster` when `cluster` is given. Those
   * that say when a command is sent again are refused.
   */
  options?: Record<string, unknown>;
}

/** The names of {@linkcode RedisOptions}. */
export const REDIS_OPTIONS: readonly string[] = [
  "url",
  "host",
  "port",
  "db",
  "username",
  "password",
  "tls",
  "cluster",
  "sentinels",
  "sentinelName",
  "sentinelPassword",
  "timeout",
  "options",
];
