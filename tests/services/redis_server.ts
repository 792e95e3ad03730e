import { available, canStart, findProgram } from "./available.ts";
import { RespConnection } from "./resp_connection.ts";
import { Service } from "./service.ts";
import { until } from "./ports.ts";

/** Whether a test can have a redis-server. */
export function hasRedis(): boolean {
  if (!canStart()) return false;
  return available(
    "redis-server",
    findProgram("redis-server") === undefined
      ? "it is not installed"
      : undefined,
  );
}

/** What a redis-server is started with. */
export interface RedisServerOptions {
  password?: string;
  /** Whether it is a cluster of one node. */
  isCluster?: boolean;
  /** Further arguments. */
  args?: string[];
}

/** Starts a redis-server that keeps nothing. */
export async function startRedis(
  { password, isCluster = false, args = [] }: RedisServerOptions = {},
): Promise<Service> {
  const service = await Service.start((port, folder) => ({
    name: "redis-server",
    program: "redis-server",
    cwd: folder,
    args: [
      ...["--bind", "127.0.0.1", "--port", String(port), "--dir", folder],
      ...["--save", "", "--appendonly", "no", "--daemonize", "no"],
      ...["--loglevel", "warning"],
      ...(password === undefined ? [] : ["--requirepass", password]),
      // A node that has met no other one does not know its own address.
      ...(isCluster
        ? ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1"]
        : []),
      ...args,
    ],
    async ready(pid) {
      const info = await commandRedis(port, ["INFO", "server"], password);
      if (!String(info).includes(`process_id:${pid}\r`)) {
        throw new Error("another server has the port");
      }
    },
  }));
  if (isCluster) {
    try {
      const command = (...words: string[]): Promise<unknown> =>
        commandRedis(service.port, words, password);
      await command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
      await until("the cluster", 10, async () => {
        const info = String(await command("CLUSTER", "INFO"));
        return info.includes("cluster_state:ok") ? true : undefined;
      });
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
  }
  return service;
}

/** Sends one command over a connection of its own. */
export async function commandRedis(
  port: number,
  command: readonly string[],
  password?: string,
): Promise<unknown> {
  using connection = await RespConnection.open("127.0.0.1", port);
  if (password !== undefined) await connection.send(["AUTH", password]);
  return await connection.send(command);
}

/** The commands that clients send, without those of scripts. */
export class RedisMonitor implements AsyncDisposable {
  readonly #connection: RespConnection;
  readonly #lines: string[] = [];
  readonly #reading: Promise<void>;

  private constructor(connection: RespConnection) {
    this.#connection = connection;
    this.#reading = this.#read();
  }

  static async start(port: number): Promise<RedisMonitor> {
    const connection = await RespConnection.open("127.0.0.1", port);
    await connection.send(["MONITOR"]);
    return new RedisMonitor(connection);
  }

  /** Their names and first arguments since the last time, `"EVALSHA 3f5..."`. */
  async take(port: number): Promise<string[]> {
    // It comes last, and says so that all before have been seen.
    const mark = crypto.randomUUID();
    await commandRedis(port, ["ECHO", mark]);
    await until(
      "the monitor",
      5,
      () => this.#lines.some((line) => line.includes(mark)) ? true : undefined,
    );
    const lines = this.#lines.splice(0);
    return lines
      .filter((line) => !line.includes(mark) && !/ \[\d+ lua\] /.test(line))
      .map((line) =>
        [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
          .slice(0, 2).map((match) => match[1]).join(" ")
      );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    try {
      for (;;) this.#lines.push(String(await this.#connection.receive()));
    } catch {
      // It was closed.
    }
  }
}
