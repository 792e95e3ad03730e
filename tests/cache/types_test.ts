import { assertEquals } from "@std/assert";
import {
  type CacheOptions,
  type Loader,
  type LoaderContext,
  type Lookup,
  open,
  type TLCache,
} from "@oresty/cache";
import { Host } from "./host.ts";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Fails to compile where types differ. */
function same<A, B>(_: Same<A, B>): void {}

interface User {
  readonly id: number;
}

Deno.test("types: what get and lookup give follows from the loader", async () => {
  await using host = await Host.open();
  const { cache } = host;
  const plain = await cache.get("k");
  same<typeof plain, unknown>(true);
  const named = await cache.get<User>("k");
  same<typeof named, User | null | undefined>(true);
  const loaded = await cache.get("k", () => ({ id: 7 }));
  same<typeof loaded, { id: number } | null>(true);
  const perhaps = await cache.get(
    "p",
    (): User | undefined => undefined,
  );
  same<typeof perhaps, User | null>(true);
  const withArgs = await cache.get(
    "a",
    { ttl: 5 },
    (id: number, name: string, ctx) => {
      same<typeof ctx, LoaderContext>(true);
      return { id, name };
    },
    7,
    "ada",
  );
  same<typeof withArgs, { id: number; name: string } | null>(true);
  assertEquals(withArgs, { id: 7, name: "ada" });
  const byId = (id: number) => ({ id });
  const ofId = await cache.get("b", {}, byId, 7);
  same<typeof ofId, { id: number } | null>(true);
  const seen = await cache.lookup("b", {}, byId, 7);
  same<typeof seen, Lookup<{ id: number }>>(true);
  const found = await cache.lookup("k", async () => await Promise.resolve(1));
  same<typeof found, Lookup<number>>(true);
  const sync = cache.getSync<User>("k");
  same<typeof sync, User | null | undefined>(true);
  const load: Loader<User, [id: number]> = (id, ctx) => {
    ctx.ttl("5m");
    return { id };
  };
  assertEquals(await cache.get("l", undefined, load, 3), { id: 3 });
});

Deno.test("types: what is wrong does not compile", () => {
  const never = async (cache: TLCache) => {
    // @ts-expect-error a key is a text
    await cache.get(7);
    // @ts-expect-error there is no such option
    await cache.get("k", { tll: 1 });
    // @ts-expect-error an argument of another type
    await cache.get("k", {}, (id: number) => id, "seven");
    // @ts-expect-error an argument too few
    await cache.get("k", {}, (id: number, _: LoaderContext) => id);
    // @ts-expect-error a set loads nothing
    await cache.set("k", { forceFresh: true }, 1);
    // @ts-expect-error a cache has no such default
    await open("c", "d", { forceFresh: true });
    // @ts-expect-error a mode that is none
    const options: CacheOptions = { l1Mode: "copy" };
    return options;
  };
  assertEquals(typeof never, "function");
});
