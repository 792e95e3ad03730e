/** A free port of 127.0.0.1; it may be taken by somebody else a moment later. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Tries until something gives an answer, at most so many seconds. */
export async function until<T>(
  what: string,
  seconds: number,
  attempt: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const end = performance.now() + seconds * 1000;
  let last: unknown = "nothing was there";
  do {
    try {
      const found = await attempt();
      if (found !== undefined) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  } while (performance.now() < end);
  throw new Error(`Cannot wait for ${what}: not within ${seconds} s`, {
    cause: last,
  });
}
