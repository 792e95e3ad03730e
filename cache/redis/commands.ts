/** What a command of Redis takes. */
export type RedisValue = string | number | Uint8Array;

/** What a command answers, bytes as text. */
export type RedisReply = string | number | null | RedisReply[];

/** A command with its arguments in the order of Redis. */
export type RedisCommand<Reply> = (...args: RedisValue[]) => Promise<Reply>;

/** The commands by their names; others go by `call`. */
export type RedisCommands =
  & Record<
    | "get"
    | "getdel"
    | "getex"
    | "getset"
    | "hget"
    | "lpop"
    | "rpop"
    | "lindex"
    | "spop"
    | "srandmember"
    | "zscore"
    | "set"
    | "lmove"
    | "randomkey"
    | "incrbyfloat"
    | "hincrbyfloat"
    | "zincrby",
    RedisCommand<string | null>
  >
  & Record<
    | "del"
    | "unlink"
    | "exists"
    | "expire"
    | "pexpire"
    | "expireat"
    | "persist"
    | "ttl"
    | "pttl"
    | "incr"
    | "incrby"
    | "decr"
    | "decrby"
    | "append"
    | "strlen"
    | "setnx"
    | "hset"
    | "hsetnx"
    | "hdel"
    | "hlen"
    | "hexists"
    | "hincrby"
    | "lpush"
    | "rpush"
    | "llen"
    | "lrem"
    | "sadd"
    | "srem"
    | "scard"
    | "sismember"
    | "zadd"
    | "zrem"
    | "zcard"
    | "zcount"
    | "publish"
    | "dbsize"
    | "pfadd"
    | "pfcount"
    | "setbit"
    | "getbit"
    | "bitcount"
    | "xlen",
    RedisCommand<number>
  >
  & Record<
    | "keys"
    | "hkeys"
    | "hvals"
    | "lrange"
    | "smembers"
    | "sinter"
    | "sunion"
    | "sdiff"
    | "zrange"
    | "zrevrange"
    | "zrangebyscore"
    | "zrevrangebyscore",
    RedisCommand<string[]>
  >
  & Record<
    | "ping"
    | "echo"
    | "type"
    | "mset"
    | "setex"
    | "psetex"
    | "info"
    | "hmset"
    | "ltrim"
    | "lset"
    | "rename"
    | "flushdb",
    RedisCommand<string>
  >
  & Record<"mget" | "hmget" | "zmscore", RedisCommand<(string | null)[]>>
  & Record<
    | "eval"
    | "evalsha"
    | "scan"
    | "hscan"
    | "sscan"
    | "zscan"
    | "zrank"
    | "zrevrank"
    | "xadd"
    | "xrange"
    | "time"
    | "bitpos",
    RedisCommand<RedisReply>
  >
  & {
    /** All fields of a hash; none when there is no hash. */
    hgetall(key: RedisValue): Promise<Record<string, string>>;
  };
