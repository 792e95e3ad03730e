import { spawn, type SpawnedWorker } from "@oresty/core";
import { needs } from "../permissions.ts";
import type { Answer, commands, Order } from "./isolate.ts";

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

/** Waits until something is true, or fails. */
export async function until(
  seconds: number,
  test: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await test())) {
    if (performance.now() > end) {
      throw new Error(`Cannot wait any more: not true after ${seconds} s`);
    }
    await sleep(5);
  }
}

/** Waits for some milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A test with workers: the runtime reads their files. */
export function isolateTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !needs("read"), fn });
}
