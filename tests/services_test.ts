import { assert, assertEquals, assertRejects } from "@std/assert";
import { runDeno } from "./deno_child.ts";
import { needs } from "./permissions.ts";
import {
  commandRedis,
  hasRedis,
  RedisMonitor,
  startRedis,
  TcpProxy,
} from "./services.ts";
import { repository } from "./workspace.ts";

Deno.test({
  name: "services: a redis-server stops, goes on, is killed and starts again",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    const ping = (): Promise<unknown> => commandRedis(server.port, ["PING"]);
    const isAnswered = async (): Promise<boolean> => {
      const waiting = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => waiting.resolve(false), 200);
      const answer = ping().then(() => true);
      const is = await Promise.race([answer, waiting.promise]);
      clearTimeout(timer);
      if (!is) server.resume();
      await answer;
      return is;
    };
    assertEquals(await isAnswered(), true);
    server.pause();
    assertEquals(await isAnswered(), false);
    assertEquals(await isAnswered(), true);
    await server.kill();
    await assertRejects(ping, Deno.errors.ConnectionRefused);
    await server.restart();
    assertEquals(await ping(), "PONG");
    await Deno.stat(server.folder);
    await server[Symbol.asyncDispose]();
    await assertRejects(() => Deno.stat(server.folder), Deno.errors.NotFound);
    await assertRejects(ping, Deno.errors.ConnectionRefused);
  },
});

Deno.test({
  name: "services: a monitor sees what clients send, and not what scripts do",
  ignore: !hasRedis(),
  async fn() {
    await using server = await startRedis();
    await using monitor = await RedisMonitor.start(server.port);
    await commandRedis(server.port, ["SET", "a", 'x "y" \\']);
    await commandRedis(server.port, [
      "EVAL",
      "return redis.call('GET', 'b')",
      "0",
    ]);
    const seen = await monitor.take(server.port);
    assertEquals(seen.length, 2);
    assertEquals(seen[0], "SET a");
    assert(seen[1]?.startsWith("EVAL return"));
    assertEquals(await monitor.take(server.port), []);
  },
});

Deno.test({
  name: "services: a proxy passes, hangs, cuts and resumes",
  ignore: !needs("net"),
  async fn() {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const served = (async () => {
      for await (const connection of listener) {
        connection.readable.pipeTo(connection.writable).catch(() => {});
      }
    })();
    await using proxy = new TcpProxy(listener.addr.port);
    const open = (): Promise<Deno.Conn> =>
      Deno.connect({ hostname: proxy.host, port: proxy.port });
    const echo = async (connection: Deno.Conn): Promise<number | null> => {
      await connection.write(Uint8Array.of(7));
      const buffer = new Uint8Array(1);
      return await connection.read(buffer) === null ? null : buffer[0]!;
    };
    using one = await open();
    assertEquals(await echo(one), 7);
    assertEquals(proxy.connections, 1);
    proxy.hang();
    const waiting = echo(one);
    const late = new Promise((resolve) => setTimeout(resolve, 100, "late"));
    assertEquals(await Promise.race([waiting, late]), "late");
    proxy.resume();
    assertEquals(await waiting, 7);
    using lost = await open();
    assertEquals(await echo(lost), 7);
    proxy.strand();
    const never = echo(lost).catch(() => null);
    const soon = new Promise((resolve) => setTimeout(resolve, 100, "late"));
    assertEquals(await Promise.race([never, soon]), "late");
    using found = await open();
    assertEquals(await echo(found), 7);
    proxy.cut();
    assertEquals(await never, null);
    assertEquals(await echo(one).catch(() => null), null);
    using refused = await open();
    assertEquals(await echo(refused).catch(() => null), null);
    proxy.resume();
    using two = await open();
    assertEquals(await echo(two), 7);
    listener.close();
    await served.catch(() => {});
  },
});

Deno.test({
  name: "services: what is not installed is left out with a word, or an error",
  ignore: !needs("run", "read", "env"),
  async fn() {
    const run = (ci: string) =>
      runDeno(["eval", "--quiet", CODE], {
        cwd: repository,
        env: { PATH: "/nonexistent", ORESTY_CI: ci },
      });
    const left = await run("0");
    assertEquals(left.code, 0, left.stderr);
    assertEquals(left.stdout, "false false\n" + SUMMARY);
    const strict = await run("1");
    assertEquals(strict.code, 1);
    assert(strict.stderr.includes("install.sh"), strict.stderr);
  },
});

const CODE = `
  import { hasRedis, hasMongo } from "./tests/services.ts";
  console.log(hasRedis(), hasMongo());
`;

const SUMMARY = "ignored: 2 tests that need a server " +
  "(redis-server: it is not installed; mongo-java-server: " +
  "java is not installed)\n";
