import { checkOptions } from "@oresty/core";
import type { RedisOptions } from "./options.ts";
import { REDIS_OPTIONS } from "./options.ts";
import { passwordsIn } from "./_passwords.ts";

/** What ioredis is made with. */
export interface IoredisPlan {
  /** The nodes to ask first, of a cluster. */
  readonly nodes: readonly { host: string; port: number }[] | undefined;
  readonly options: Record<string, unknown>;
  /** What must not be read in an error. */
  readonly secrets: readonly string[];
}

/** They say when a command is sent and when it fails: not for others to say. */
const OURS = [
  "lazyConnect",
  "retryStrategy",
  "clusterRetryStrategy",
  "enableOfflineQueue",
  "maxRetriesPerRequest",
  "autoResendUnfulfilledCommands",
  "autoResubscribe",
] as const;

/**
 * Turns our options into those of ioredis.
 *
 * @param where Who takes the options, for errors.
 * @param timeout Seconds, already read.
 * @throws {TypeError} When an option is unknown, of a wrong type, or given twice.
 */
export function planIoredis(
  where: string,
  options: RedisOptions,
  timeout: number,
): IoredisPlan {
  checkOptions(where, options, REDIS_OPTIONS);
  const { cluster, sentinels, sentinelName, sentinelPassword, tls } = options;
  const passed = passedOn(where, options.options);
  const address = { ...fromUrl(where, options), ...fromFields(where, options) };
  const isTls = tls ?? address.tls;
  const connection: Record<string, unknown> = {
    ...address,
    ...(isTls === undefined || isTls === false
      ? { tls: undefined }
      : { tls: isTls === true ? {} : object(where, "tls", isTls) }),
  };
  for (const name of Object.keys(connection)) {
    if (connection[name] === undefined) delete connection[name];
  }
  const calm = {
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
  };
  const defaults = {
    connectTimeout: timeout * 1000,
    disconnectTimeout: 50,
    disableClientInfo: true,
    protocol: 2,
  };
  const secrets = passwordsIn({ ...options, address });
  if (cluster !== undefined) {
    if (sentinels !== undefined) {
      throw new TypeError(
        `Cannot use the options of ${where}: "cluster" and "sentinels" were ` +
          `given, expected one of them`,
      );
    }
    const { host: _host, port: _port, db: _db, ...rest } = connection;
    return {
      nodes: endpoints(where, "cluster", cluster, 6379),
      options: {
        slotsRefreshTimeout: timeout * 1000,
        maxRedirections: 5,
        ...passed,
        lazyConnect: true,
        clusterRetryStrategy: null,
        enableOfflineQueue: false,
        redisOptions: {
          ...defaults,
          ...object(
            where,
            "options.redisOptions",
            passed["redisOptions"] ?? {},
          ),
          ...rest,
        },
      },
      secrets,
    };
  }
  const watched = sentinels === undefined ? {} : {
    sentinels: endpoints(where, "sentinels", sentinels, 26379),
    name: sentinelName ?? "mymaster",
    sentinelRetryStrategy: null,
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
  };
  return {
    nodes: undefined,
    options: {
      ...defaults,
      // Only a sentinel's answer may be out of date and needs a look at the role.
      enableReadyCheck: sentinels !== undefined,
      ...passed,
      ...connection,
      ...watched,
      ...calm,
    },
    secrets,
  };
}

interface Address {
  host?: string;
  port?: number;
  db?: number;
  username?: string;
  password?: string;
  tls?: boolean;
}

function fromUrl(where: string, { url }: RedisOptions): Address {
  if (url === undefined) return {};
  const parsed = URL.canParse(String(url)) ? new URL(String(url)) : undefined;
  if (
    parsed === undefined || !/^rediss?:$/.test(parsed.protocol) ||
    !/^\/?\d*$/.test(parsed.pathname) || parsed.search !== "" ||
    parsed.hash !== "" || !isDecodable(parsed.username) ||
    !isDecodable(parsed.password)
  ) {
    // Not the value: there may be a password in it.
    throw new TypeError(
      `Cannot use option "url" of ${where}: it is no address, ` +
        `expected "redis://host:port/db" or "rediss://..."`,
    );
  }
  const { hostname, port, username, password, pathname, protocol } = parsed;
  const db = pathname.replace("/", "");
  return {
    // An address of IPv6 stands in brackets in a URL.
    ...(hostname === "" ? {} : { host: hostname.replace(/^\[|\]$/g, "") }),
    ...(port === "" ? {} : { port: Number(port) }),
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    ...(db === "" ? {} : { db: Number(db) }),
    ...(protocol === "rediss:" ? { tls: true } : {}),
  };
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function fromFields(where: string, options: RedisOptions): Address {
  const address: Record<string, unknown> = {};
  for (const name of ["sentinelName", "sentinelPassword"] as const) {
    checkText(where, name, options[name]);
  }
  for (const name of ["host", "username", "password"] as const) {
    const value = options[name];
    if (value === undefined) continue;
    checkText(where, name, value);
    // Redis takes no empty password; in configurations it stands for none.
    if (value !== "") address[name] = value;
  }
  for (const name of ["port", "db"] as const) {
    const value = options[name];
    if (value === undefined) continue;
    const highest = name === "port" ? 65_535 : Number.MAX_SAFE_INTEGER;
    if (!Number.isInteger(value) || value < 0 || value > highest) {
      throw new TypeError(
        `Cannot use option "${name}" of ${where}: "${String(value)}" was ` +
          `given, expected a whole number`,
      );
    }
    address[name] = value;
  }
  if (options.cluster === undefined && options.url === undefined) {
    // Not "localhost", which is two addresses.
    address["host"] ??= "127.0.0.1";
  }
  return address as Address;
}

function checkText(where: string, name: string, value: unknown): void {
  if (value === undefined || typeof value === "string") return;
  throw new TypeError(
    `Cannot use option "${name}" of ${where}: a ${typeof value} was ` +
      `given, expected a string`,
  );
}

function endpoints(
  where: string,
  name: string,
  given: unknown,
  port: number,
): { host: string; port: number }[] {
  if (!Array.isArray(given) || given.length === 0) {
    throw new TypeError(
      `Cannot use option "${name}" of ${where}: expected a list of ` +
        `"host:port" or { host, port }`,
    );
  }
  return given.map((each: unknown) => {
    const { host, port: own = port } = endpointOf(each);
    if (
      typeof host === "string" && host !== "" && Number.isInteger(own) &&
      own as number > 0 && own as number < 65_536
    ) return { host, port: own as number };
    throw new TypeError(
      `Cannot use option "${name}" of ${where}: an entry is no address, ` +
        `expected "host:port" or { host, port }`,
    );
  });
}

function endpointOf(each: unknown): { host?: unknown; port?: unknown } {
  if (typeof each === "object") return each ?? {};
  if (typeof each !== "string") return {};
  const text = each.replace(/^rediss?:\/\//, "");
  const match = /^(?:\[([\da-f:.]+)\]|([^\s:/@[\]]+))(?::(\d{1,5}))?$/i
    .exec(text);
  const port = match?.[3];
  return {
    host: match?.[1] ?? match?.[2],
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

function passedOn(
  where: string,
  given: unknown,
): Record<string, unknown> {
  if (given === undefined) return {};
  const options = object(where, "options", given);
  for (const name of OURS) {
    if (name in options) {
      throw new TypeError(
        `Cannot use option "options.${name}" of ${where}: it is not for ` +
          `others to say, expected only options of a connection`,
      );
    }
  }
  return options;
}

function object(
  where: string,
  name: string,
  value: unknown,
): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(
      `Cannot use option "${name}" of ${where}: "${value}" was given, ` +
        `expected an object`,
    );
  }
  return value as Record<string, unknown>;
}
