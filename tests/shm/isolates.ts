import { spawn, type SpawnedWorker } from "@oresty/core";
import type { Answer, Order } from "../orders.ts";
import type { commands } from "./isolate.ts";

export { isolateTest, sleep, until } from "../until.ts";

type Commands = typeof commands;
type Command = keyof Commands;

/** A worker as it is started: a Web Worker, or a thread of node. */
export type IsolateKind = "web" | "thread";

const url = import.meta.resolve("./isolate.ts");
/** Seconds for an answer, when a test does not say. */
const WITHIN = 30;

/** A worker of the tests that does what it is told. */
export class Isolate implements AsyncDisposable {
  readonly #post: (order: Order) => void;
  readonly #stop: () => unknown;
  readonly #waiting: Map<number, (answer: Answer) => void> = new Map();
  /** The thread, when it is one. */
  readonly thread: SpawnedWorker | undefined;
  #last = 0;
  #within = WITHIN;

  private constructor(
    post: (order: Order) => void,
    stop: () => unknown,
    thread?: SpawnedWorker,
  ) {
    this.#post = post;
    this.#stop = stop;
    this.thread = thread;
  }

  /** Starts one, and waits until it listens. */
  static async start(kind: IsolateKind, memory?: string): Promise<Isolate> {
    let isolate: Isolate;
    const hear = (answer: Answer) => isolate.#hear(answer);
    let ready: Promise<Answer>;
    if (kind === "web") {
      const worker = new Worker(url, { type: "module" });
      worker.onmessage = ({ data }) => hear(data as Answer);
      isolate = new Isolate(
        (order) => worker.postMessage(order),
        () => worker.terminate(),
      );
      ready = isolate.#answer(0);
    } else {
      const worker = await spawn(url, memory === undefined ? {} : { memory });
      isolate = new Isolate(
        (order) => worker.post(order),
        () => worker.stop(),
        worker,
      );
      ready = isolate.#answer(0);
      worker.listen((answer) => hear(answer as Answer));
    }
    await ready;
    return isolate;
  }

  /** Starts some. */
  static async startAll(
    kinds: readonly IsolateKind[],
    within: number = WITHIN,
  ): Promise<Isolates> {
    const all = await Promise.all(kinds.map((kind) => Isolate.start(kind)));
    for (const isolate of all) isolate.#within = within;
    return Object.assign(all as unknown as Isolates, {
      [Symbol.asyncDispose]: async () => {
        await Promise.all(all.map((isolate) => isolate[Symbol.asyncDispose]()));
      },
    });
  }

  /** Lets it do something, and waits for the end. */
  async run<C extends Command>(
    command: C,
    ...args: Parameters<Commands[C]>
  ): Promise<Awaited<ReturnType<Commands[C]>>> {
    const id = ++this.#last;
    const answer = this.#answer(id);
    this.#post({ id, command, args });
    const { value, error } = await answer;
    if (error !== undefined) throw new Error(error);
    return value as Awaited<ReturnType<Commands[C]>>;
  }

  #hear(answer: Answer): void {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }

  #answer(id: number): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(
      () => reject(new Error(`Cannot get an answer within ${this.#within} s`)),
      this.#within * 1000,
    );
    this.#waiting.set(id, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    return promise;
  }

  /** Lets it do something of which no answer comes. */
  tell<C extends Command>(command: C, ...args: Parameters<Commands[C]>): void {
    this.#post({ id: -1, command, args });
  }

  /** Ends it without a word. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}

/** As many as were asked for, of which a test names some. */
export type Isolates =
  & [Isolate, Isolate, Isolate, Isolate, ...Isolate[]]
  & AsyncDisposable;

/** Keeps the event loop, which a wait on shared memory does not. */
export function awake(): Disposable {
  const timer = setInterval(() => {}, 1000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
