import { Buffer } from "node:buffer";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Answer, RespReader } from "../../cache/db_redis/_resp_reader.ts";
import { DialedLink } from "../../cache/redis/_dialed_link.ts";
import type { Dialer, Session } from "../../cache/redis/_link.ts";

Deno.test("answers are read however they are cut", () => {
  const text = "*3\r\n$7\r\nmessage\r\n:7\r\n*-1\r\n+OK\r\n$-1\r\n*0\r\n";
  const expected: Answer[] = [["message", 7, null], "OK", null, []];
  for (let size = 1; size <= text.length; size++) {
    const answers: Answer[] = [];
    const reader = new RespReader((answer) => answers.push(answer));
    for (let i = 0; i < text.length; i += size) {
      reader.push(Buffer.from(text.slice(i, i + size)));
    }
    assertEquals(answers, expected, `${size}`);
  }
});

Deno.test("what is no answer is refused, and never read for ever", () => {
  const texts = [
    ...["$abc\r\n", "$\r\n", "$1.5\r\nx\r\n", "$-2\r\n", "*x\r\n"],
    ...["*-5\r\n", "$99999999999\r\n", "HTTP/1.1 400 Bad Request\r\n"],
  ];
  for (const text of texts) {
    const answers: Answer[] = [];
    const reader = new RespReader((answer) => {
      answers.push(answer);
      // A reader that does not get on would never come back.
      if (answers.length > 10) throw new Error("read again and again");
    });
    const error = assertThrows(() => reader.push(Buffer.from(text))) as Error;
    assert(error instanceof SyntaxError, `${text}: ${error}`);
    assertEquals(answers, []);
  }
});

Deno.test("a link that is closed while its driver loads connects to nothing", async () => {
  const loaded = Promise.withResolvers<void>();
  let dialed = 0;
  let closed = 0;
  const session: Session = {
    call: () => Promise.resolve("answer"),
    isOpen: () => true,
    isBroken: () => false,
    close: () => void closed++,
  };
  const dialer: Dialer = {
    isCluster: false,
    isText: false,
    prepare: () => loaded.promise,
    dial: () => {
      dialed++;
      return Promise.resolve(session);
    },
  };
  const link = new DialedLink(dialer, 1);
  const call = link.call("GET", ["a"]);
  link.close();
  loaded.resolve();
  await assertRejects(() => call, Error, "closed");
  assertEquals(dialed, closed);
  // It is made again for who asks again.
  await new Promise((resolve) => setTimeout(resolve, 120));
  assertEquals(await link.call("GET", ["a"]), "answer");
  link.close();
  assertEquals([dialed, closed], [1, 1]);
});
