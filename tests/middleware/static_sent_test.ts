import { assert, assertEquals } from "@std/assert";
import { needs } from "../permissions.ts";
import { ask } from "./ask.ts";
import { canWrite, served, test, withFolder } from "./static_folder.ts";

test("large files are streamed, whole and in part", async (root) => {
  const bytes = new Uint8Array(3_000_000).map((_, i) => i * 31 + (i >> 8));
  await Deno.writeFile(`${root}/large.bin`, bytes);
  const router = served({ root });
  const get = async (headers: HeadersInit = {}) => {
    const response = await router.request("/large.bin", { headers });
    return await response.bytes();
  };
  assertEquals(await get(), bytes);
  assertEquals(
    await get({ range: "bytes=1000000-1999999" }),
    bytes.slice(1_000_000, 2_000_000),
  );
  // Who goes away leaves no file open: the sanitizer of the test would see it.
  const response = await router.request("/large.bin");
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  const unread = await router.request("/large.bin");
  await unread.body!.cancel();
});

test("a file that becomes shorter ends the answer with an error", async (root) => {
  await Deno.writeFile(`${root}/large.bin`, new Uint8Array(1_000_000));
  const response = await served({ root }).request("/large.bin");
  await Deno.truncate(`${root}/large.bin`, 100_000);
  let message = "";
  await response.bytes().catch((error) => message = String(error));
  assert(message.includes("shorter"), message);
});

Deno.test("a link that takes a file's place while it is sent is not followed", {
  ignore: !canWrite,
}, () =>
  withFolder(async (root) => {
    const secret = `${root}/../secret.bin`;
    await Deno.writeFile(secret, new Uint8Array(1_000_000).fill(115));
    await Deno.writeFile(`${root}/large.bin`, new Uint8Array(1_000_000));
    const router = served({ root });
    for (const range of ["bytes=0-", "bytes=0-0,5-6"]) {
      const response = await router.request("/large.bin", {
        headers: { range },
      });
      await Deno.rename(`${root}/large.bin`, `${root}/kept.bin`);
      await Deno.symlink(secret, `${root}/large.bin`);
      let message = "";
      await response.bytes().catch((error) => message = String(error));
      assert(message.includes("took its place"), message);
      await Deno.rename(`${root}/kept.bin`, `${root}/large.bin`);
    }
  }));

test("a file that grows while it is sent is sent as it was", async (root) => {
  await Deno.writeFile(`${root}/log.bin`, new Uint8Array(1_000_000));
  const response = await served({ root }).request("/log.bin");
  await Deno.writeFile(`${root}/log.bin`, new Uint8Array(1000), {
    append: true,
  });
  assertEquals((await response.bytes()).length, 1_000_000);
});

Deno.test("a file that may not be read is not found, whatever its size", {
  // The superuser may read everything.
  ignore: !canWrite || !needs("sys") || Deno.uid() === 0 ||
    Deno.build.os === "windows",
}, () =>
  withFolder(async (root) => {
    for (const size of [10, 1_000_000]) {
      const path = `${root}/locked.bin`;
      await Deno.writeFile(path, new Uint8Array(size));
      await Deno.chmod(path, 0);
      assertEquals((await ask(served({ root }), "/locked.bin")).status, 404);
      await Deno.remove(path);
    }
  }));
