/** What a worker of the tests does when it is told. */
import { type ChannelListener, workerParent } from "@oresty/core";
import { BroadcastChannel } from "node:worker_threads";
import { isolateNumber } from "@oresty/shm";
import type { Declaration, Labels } from "@oresty/stat";
import type { RegistryOptions } from "../../stat/_registry.ts";
import { TestRegistry } from "./registries.ts";
import { type Answer, follow, type Order } from "../orders.ts";

let test: TestRegistry;
let isStopped = false;

/** Intended increments, done increments; each is one word of the isolate. */
export type Truth = Int32Array<SharedArrayBuffer>;

export const commands = {
  open: async (
    group: string,
    options: RegistryOptions = {},
  ): Promise<number> => {
    test = new TestRegistry({ ...options, group });
    await test.registry.join();
    return isolateNumber();
  },
  declare: (key: string, declaration: Declaration): void =>
    test.declare(key, declaration),
  incr: (key: string, labels: Labels, value: number, times = 1): void => {
    const counter = test.create(labels).counter(key);
    for (let i = 0; i < times; i++) counter.incr(value);
  },
  observe: (key: string, value: number, times = 1): void => {
    const histogram = test.create().histogram(key);
    for (let i = 0; i < times; i++) histogram.observe(value);
  },
  gauge: (key: string, value: number): void =>
    test.create().gauge(key).set(value),
  block: (ms: number): void => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  },
  /** Counts without a pause, and says so in shared memory. */
  spin: (key: string, ms: number, truth: Truth): void => {
    const counter = test.create().counter(key);
    const end = performance.now() + ms;
    while (performance.now() < end) {
      for (let i = 0; i < 100; i++) {
        truth[0]!++;
        counter.incr();
        truth[1]!++;
      }
    }
  },
  /** Counts in small pieces until the isolate is ended. */
  work: (key: string, truth: Truth): void => {
    const counter = test.create().counter(key);
    const histogram = test.create().histogram("work_seconds");
    const piece = () => {
      if (isStopped) return;
      for (let i = 0; i < 200; i++) {
        truth[0]!++;
        counter.incr();
        truth[1]!++;
        histogram.observe(i / 100);
      }
      setTimeout(piece, 0);
    };
    piece();
  },
  halt: (): void => {
    isStopped = true;
  },
  text: (): string => test.text(),
  /** Messages to nobody, as many as others would lose. */
  shout: (channel: string, times: number): void => {
    const shouter = new BroadcastChannel(channel);
    for (let i = 0; i < times; i++) shouter.postMessage(i);
    shouter.close();
  },
  leave: (): Promise<void> => test.registry.stop(),
};

const parent = await workerParent();
const listener: ChannelListener = async (order) =>
  parent!.post(await follow(commands, order as Order));
parent?.listen(listener);
parent?.post({ id: 0 } satisfies Answer);
