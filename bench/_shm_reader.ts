/** A thread that reads from a dictionary for as long as it is told. */
import { workerParent } from "@oresty/core";
import { SharedDict } from "@oresty/shm";

/** What a reader is told: read so long, from a start that all wait for. */
export interface ReadOrder {
  readonly milliseconds: number;
  readonly start: SharedArrayBuffer;
}

const parent = await workerParent();
if (parent !== undefined) {
  const { name, keys } = parent.data as { name: string; keys: string[] };
  const dict = await SharedDict.open(name);
  parent.listen((message) => {
    const { milliseconds, start } = message as ReadOrder;
    const word = new Int32Array(start);
    Atomics.wait(word, 0, 0);
    const end = performance.now() + milliseconds;
    let reads = 0;
    let misses = 0;
    let n = Math.trunc(Math.random() * keys.length);
    while (performance.now() < end) {
      for (let i = 0; i < 200; i++) {
        n = (n + 7919) % keys.length;
        if (dict.get(keys[n]!) === undefined) misses++;
      }
      reads += 200;
    }
    if (misses > 0) throw new Error(`${misses} of ${reads} reads missed`);
    parent.post(reads / milliseconds);
  });
  parent.post("ready");
}
