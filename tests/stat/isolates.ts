import { spawn, type SpawnedWorker } from "@oresty/core";
import type { Answer, Order } from "../orders.ts";
import type { commands } from "./isolate.ts";

export { isolateTest, sleep, until } from "../until.ts";

type Commands = typeof commands;
type Command = keyof Commands;

/** Seconds for an answer. */
const WITHIN = 30;

/** A thread that does what it is told. */
export class Isolate implements AsyncDisposable {
  readonly worker: SpawnedWorker;
  readonly #waiting: Map<number, (answer: Answer) => void> = new Map();
  #last = 0;

  private constructor(worker: SpawnedWorker) {
    this.worker = worker;
  }

  /** Starts one, and waits until it listens. */
  static async start(): Promise<Isolate> {
    const isolate = new Isolate(
      await spawn(import.meta.resolve("./isolate.ts")),
    );
    const ready = isolate.#answer(0);
    isolate.worker.listen((message) => {
      const answer = message as Answer;
      isolate.#waiting.get(answer.id)?.(answer);
      isolate.#waiting.delete(answer.id);
    });
    await ready;
    return isolate;
  }

  /** Lets it do something, and waits for the end. */
  async run<C extends Command>(
    command: C,
    ...args: Parameters<Commands[C]>
  ): Promise<Awaited<ReturnType<Commands[C]>>> {
    const id = ++this.#last;
    const answer = this.#answer(id);
    this.worker.post({ id, command, args } satisfies Order);
    const { value, error } = await answer;
    if (error !== undefined) throw new Error(error);
    return value as Awaited<ReturnType<Commands[C]>>;
  }

  #answer(id: number): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = setTimeout(
      () => reject(new Error(`Cannot get an answer within ${WITHIN} s`)),
      WITHIN * 1000,
    );
    this.#waiting.set(id, (answer) => {
      clearTimeout(timer);
      resolve(answer);
    });
    return promise;
  }

  /** Ends it without a word. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.stop();
  }
}
