/** Something that a worker of the tests is to do: a name, and what it takes. */
export interface Order {
  readonly id: number;
  readonly command: string;
  readonly args: readonly unknown[];
}

/** What came of it. */
export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Does what is ordered; what it throws is an answer too. */
export async function follow(
  commands: object,
  { id, command, args }: Order,
): Promise<Answer> {
  try {
    const run = Reflect.get(commands, command) as (
      ...args: readonly unknown[]
    ) => unknown;
    return { id, value: await run(...args) };
  } catch (error) {
    return { id, error: String(error) };
  }
}
