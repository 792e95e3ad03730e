/**
 * Commands that change nothing, so that they may be sent twice when nobody knows
 * whether the first one arrived.
 */
export const READ_COMMANDS: ReadonlySet<string> = new Set([
  ...["GET", "MGET", "GETRANGE", "STRLEN", "EXISTS", "TYPE", "TTL", "PTTL"],
  ...["EXPIRETIME", "PEXPIRETIME", "KEYS", "SCAN", "RANDOMKEY", "DBSIZE"],
  ...["HGET", "HMGET", "HGETALL", "HEXISTS", "HKEYS", "HVALS", "HLEN"],
  ...["HSTRLEN", "HSCAN", "HRANDFIELD", "LRANGE", "LLEN", "LINDEX", "LPOS"],
  ...["SMEMBERS", "SISMEMBER", "SMISMEMBER", "SCARD", "SRANDMEMBER", "SSCAN"],
  ...["SINTER", "SUNION", "SDIFF", "SINTERCARD", "ZRANGE", "ZREVRANGE"],
  ...["ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZRANGEBYLEX", "ZREVRANGEBYLEX"],
  ...["ZSCORE", "ZMSCORE", "ZRANK", "ZREVRANK", "ZCARD", "ZCOUNT"],
  ...["ZLEXCOUNT", "ZSCAN", "GETBIT", "BITCOUNT", "BITPOS", "PFCOUNT"],
  ...["GEOPOS", "GEODIST", "GEOHASH", "GEOSEARCH", "XRANGE", "XREVRANGE"],
  ...["XLEN", "PING", "ECHO", "TIME", "INFO"],
]);

/**
 * Commands that change what a connection is: it is shared by all who call, and
 * it is another one after a fault.
 */
export const CONNECTION_COMMANDS: ReadonlySet<string> = new Set([
  ...["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE"],
  ...["PUNSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR", "MULTI", "EXEC", "DISCARD"],
  ...["WATCH", "UNWATCH", "SELECT", "AUTH", "HELLO", "RESET", "QUIT", "SYNC"],
  ...["PSYNC", "ASKING", "READONLY", "READWRITE"],
]);
