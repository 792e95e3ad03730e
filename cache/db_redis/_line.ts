import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Line, LineEvents } from "../redis/_subscriptions.ts";
import { type Answer, RespReader } from "./_resp_reader.ts";

/** Where a line goes. */
export interface LineAddress {
  readonly hostname: string;
  readonly port: number;
  readonly tls: boolean;
  readonly caCerts: readonly string[] | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/**
 * A connection that listens, spoken here: that of `@db/redis` cannot be reached,
 * and one that is open would hold the process.
 */
export async function openLine(
  address: LineAddress,
  events: LineEvents,
  signal: AbortSignal,
): Promise<Line> {
  const socket = await connected(address, signal);
  // The answer to AUTH may never come.
  const stop = (): void => void socket.destroy();
  signal.addEventListener("abort", stop);
  const waiting: PromiseWithResolvers<Answer>[] = [];
  const reader = new RespReader((answer) => {
    if (Array.isArray(answer) && String(answer[0]) === "message") {
      events.message(String(answer[1]), String(answer[2]));
    } else {
      waiting.shift()?.resolve(answer);
    }
  });
  const end = (): void => {
    for (const each of waiting.splice(0)) {
      each.reject(new Error("the connection ended"));
    }
    events.closed();
  };
  socket.on("data", (chunk: Buffer) => {
    try {
      reader.push(chunk);
    } catch {
      // What is no answer leaves nothing that could be read after it.
      socket.destroy();
    }
  });
  // Without a listener it would be thrown; the end comes after it.
  socket.on("error", () => {});
  socket.on("close", end);

  /** One answer for each of so many, as to a SUBSCRIBE of several channels. */
  const send = async (words: readonly string[], count = 1): Promise<void> => {
    const answers = Array.from({ length: count }, () => {
      const answer = Promise.withResolvers<Answer>();
      waiting.push(answer);
      return answer.promise;
    });
    socket.write(encode(words));
    for (const answer of await Promise.all(answers)) {
      if (answer instanceof Error) throw answer;
    }
  };
  try {
    const { username, password } = address;
    if (password !== undefined) {
      const user = username === undefined ? [] : [username];
      await send(["AUTH", ...user, password]);
    }
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return {
    subscribe: (channels) => send(["SUBSCRIBE", ...channels], channels.length),
    unsubscribe: (channel) => send(["UNSUBSCRIBE", channel]),
    ping: () => send(["PING"]),
    close: () => void socket.destroy(),
  };
}

async function connected(
  address: LineAddress,
  signal: AbortSignal,
): Promise<Socket> {
  const { hostname: host, port, tls, caCerts } = address;
  const socket = tls
    ? connectTls({
      host,
      port,
      ...(caCerts === undefined ? {} : { ca: [...caCerts] }),
    })
    : connect({ host, port });
  socket.unref();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => void socket.destroy();
  signal.addEventListener("abort", stop);
  socket.once(tls ? "secureConnect" : "connect", resolve);
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("the connection ended")));
  try {
    await promise;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  return socket;
}

function encode(words: readonly string[]): Buffer {
  const parts = words.flatMap((word) => {
    const bytes = Buffer.from(word);
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n")];
  });
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts]);
}
