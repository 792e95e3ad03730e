import { type Definition, identityOf } from "./_definition.ts";

interface Known {
  definition: Definition;
  /** Since when it is said, in milliseconds since 1970. */
  since: number;
}

/**
 * What isolates say of a metric of one name and one kind of numbers, and what it
 * is taken for: numbers of one kind are added up, whatever was said of them.
 */
export class Declared {
  readonly #known: Map<string, Known> = new Map();
  #chosen: Known | undefined;

  /** What it is taken for. */
  get chosen(): Definition {
    return this.#chosen!.definition;
  }

  /** Since when that is said, in milliseconds since 1970. */
  get since(): number {
    return this.#chosen!.since;
  }

  /**
   * Hears what one isolate says.
   *
   * @returns Whether it is taken for something else now.
   */
  add(definition: Definition, madeAt: number): boolean {
    const identity = identityOf(definition);
    const known = this.#known.get(identity);
    if (known === undefined) {
      this.#known.set(identity, { definition, since: madeAt });
    } else {
      known.since = Math.min(known.since, madeAt);
      if (definition.help !== "") known.definition = definition;
    }
    const before = this.#chosen;
    this.#chosen = [...this.#known.values()].reduce((a, b) =>
      isBefore(b, a) ? b : a
    );
    return before !== undefined && before !== this.#chosen;
  }
}

/**
 * Who declares a counter knows more of it than who only counts; else the newer
 * one is taken: it is that of the newer code.
 */
function isBefore(a: Known, b: Known): boolean {
  const [isA, isB] = [a, b].map(({ definition: { type } }) =>
    type !== "untyped"
  );
  if (isA !== isB) return isA!;
  return a.since === b.since
    ? identityOf(a.definition) < identityOf(b.definition)
    : a.since > b.since;
}
