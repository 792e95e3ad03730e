import { assertEquals, assertThrows } from "@std/assert";
import { Channel } from "@oresty/core";

function next(channel: Channel): Promise<unknown> {
  return new Promise((resolve) => channel.listen(resolve));
}

Deno.test("a channel is heard by all others of its name, and never by itself", async () => {
  using a = await Channel.open("channel_test 1");
  using b = await Channel.open("channel_test 1");
  using c = await Channel.open("channel_test 1");
  using other = await Channel.open("channel_test 2");
  const heard: unknown[] = [];
  a.listen((message) => heard.push(message));
  other.listen((message) => heard.push(message));
  const both = Promise.all([next(b), next(c)]);
  a.post({ n: 1 });
  assertEquals(await both, [{ n: 1 }, { n: 1 }]);
  assertEquals(heard, []);
});

Deno.test("shared memory in a message stays shared", async () => {
  using a = await Channel.open("channel_test 3");
  using b = await Channel.open("channel_test 3");
  const heard = next(b);
  const memory = new SharedArrayBuffer(4);
  a.post({ memory });
  const message = await heard as { memory: SharedArrayBuffer };
  new Int32Array(message.memory)[0] = 5;
  assertEquals(new Int32Array(memory)[0], 5);
});

Deno.test("a closed channel cannot post", async () => {
  const a = await Channel.open("channel_test 4");
  a.close();
  a.close();
  assertThrows(() => a.post(1), Error);
});

Deno.test("a channel that opens while the last one closes posts and hears", async () => {
  for (let i = 0; i < 10; i++) {
    const name = `channel_test again ${i}`;
    const a = await Channel.open(name);
    a.listen(() => {});
    a.close();
    using b = await Channel.open(name);
    using c = await Channel.open(name);
    const heard = next(c);
    // By now the subscription of the first has ended, and theirs with it.
    await new Promise((resolve) => setTimeout(resolve, 20));
    c.post("reopens");
    b.post(i);
    assertEquals(await heard, i);
  }
});
