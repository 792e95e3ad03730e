/**
 * The position automaton of an expression (V. M. Glushkov, "The abstract theory of automata",
 * 1961), with the number of ways in which each step can be taken.
 *
 * A backtracking matcher tries every way, also two that lead to the same place, so steps are
 * multisets: in `(a*)*` the place `a` follows itself twice, by the inner and the outer loop.
 *
 * @module
 */
import type { Expression } from "./_constraint_parser.ts";
import { type CodePoints, NOTHING } from "./_constraint_sets.ts";

/** The place before the first character. */
export const START = 0;
/** The place of all that is tried without a character: the end, and empty rounds of loops. */
export const DEAD = 1;

/** Places (one for each character of the expanded expression) and the steps between them. */
export interface Automaton {
  /** What each place matches. */
  readonly sets: readonly CodePoints[];
  /** For each place, the outermost endless loop that holds it; 0 when there is none. */
  readonly loops: readonly number[];
  /** For each place, the places that can follow and in how many ways. */
  readonly follow: readonly ReadonlyMap<number, number>[];
}

/** A count larger than this, alone or as the product of nested ones, is refused. */
const MAX_COUNT = 1000;
const MAX_PLACES = 2000;
/** Bounds the time and memory of the construction, which can be quadratic in the places. */
const MAX_LINKS = 100_000;

/**
 * Builds the automaton of an expression, with counted repeats written out.
 *
 * @param fail Called with the reason when the expression is too large; does not return.
 */
export function buildAutomaton(
  tree: Expression,
  fail: (state: string) => never,
): Automaton {
  return new Builder(fail).build(tree);
}

type Ways = Map<number, number>;

/** A part of the automaton: how it is passed without a character, entered, and left. */
interface Fragment {
  empty: number;
  first: Ways;
  last: Ways;
}

class Builder {
  readonly #fail: (state: string) => never;
  readonly #sets: CodePoints[] = [NOTHING, NOTHING];
  readonly #loops: number[] = [0, 0];
  readonly #follow: Ways[] = [new Map(), new Map()];
  #loopCount = 0;
  #links = 0;

  constructor(fail: (state: string) => never) {
    this.#fail = fail;
  }

  build(tree: Expression): Automaton {
    const whole = this.#part(tree, 1, 0);
    this.#add(whole.first, DEAD, whole.empty);
    this.#link(new Map([[START, 1]]), whole.first);
    this.#link(whole.last, new Map([[DEAD, 1]]));
    return { sets: this.#sets, loops: this.#loops, follow: this.#follow };
  }

  #part(node: Expression, copies: number, loop: number): Fragment {
    switch (node.type) {
      case "set":
        return this.#place(node.set, loop);
      case "sequence": {
        let whole = passed();
        for (const item of node.items) {
          whole = this.#join(whole, this.#part(item, copies, loop));
        }
        return whole;
      }
      case "alternation": {
        const whole: Fragment = { empty: 0, first: new Map(), last: new Map() };
        for (const item of node.items) {
          const part = this.#part(item, copies, loop);
          whole.empty += part.empty;
          this.#addAll(whole.first, part.first, 1);
          this.#addAll(whole.last, part.last, 1);
        }
        return whole;
      }
      case "repeat":
        return this.#repeat(node, copies, loop);
    }
  }

  #place(set: CodePoints, loop: number): Fragment {
    const place = this.#sets.length;
    if (place > MAX_PLACES) {
      this.#fail(
        `it is too large with its repeats written out, expected at most ${MAX_PLACES}`,
      );
    }
    this.#sets.push(set);
    this.#loops.push(loop);
    this.#follow.push(new Map());
    return {
      empty: 0,
      first: new Map([[place, 1]]),
      last: new Map([[place, 1]]),
    };
  }

  #repeat(
    { item, min, max }: Expression & { type: "repeat" },
    copies: number,
    loop: number,
  ): Fragment {
    const most = Math.max(1, max === Infinity ? min : max);
    if (most * copies > MAX_COUNT) {
      this.#fail(`its counted repeats multiply to over ${MAX_COUNT}`);
    }
    const part = (within: number) => this.#part(item, copies * most, within);
    let optional = passed();
    if (max === Infinity) {
      optional = this.#round(part(loop === 0 ? ++this.#loopCount : loop));
      this.#link(optional.last, optional.first);
      optional.empty = 1;
    } else {
      // x{0,3} is tried as (x(x(x)?)?)?, in one way for each count, never as x?x?x?.
      for (let count = min; count < max; count++) {
        optional = this.#join(this.#round(part(loop)), optional);
        optional.empty = 1;
      }
    }
    let whole = passed();
    for (let count = 0; count < min; count++) {
      whole = this.#join(whole, part(loop));
    }
    return this.#join(whole, optional);
  }

  /** A round beyond the minimum: it fails when it took no character, so its ways end there. */
  #round(part: Fragment): Fragment {
    this.#add(part.first, DEAD, part.empty);
    part.empty = 0;
    return part;
  }

  #join(before: Fragment, after: Fragment): Fragment {
    this.#link(before.last, after.first);
    this.#addAll(before.first, after.first, before.empty);
    this.#addAll(after.last, before.last, after.empty);
    return {
      empty: before.empty * after.empty,
      first: before.first,
      last: after.last,
    };
  }

  #link(last: Ways, first: Ways): void {
    for (const [place, ways] of last) {
      this.#addAll(this.#follow[place]!, first, ways);
    }
  }

  #addAll(to: Ways, from: Ways, times: number): void {
    if (times === 0) return;
    for (const [place, ways] of from) this.#add(to, place, ways * times);
  }

  #add(to: Ways, place: number, ways: number): void {
    if (ways === 0) return;
    if (++this.#links > MAX_LINKS) {
      this.#fail("it has too many ways from place to place");
    }
    to.set(place, (to.get(place) ?? 0) + ways);
  }
}

/** The empty expression: passed in one way. */
function passed(): Fragment {
  return { empty: 1, first: new Map(), last: new Map() };
}
