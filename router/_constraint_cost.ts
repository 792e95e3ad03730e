/**
 * How long a backtracking matcher can take over an expression, found on its automaton.
 *
 * @module
 */
import { type Automaton, START } from "./_constraint_automaton.ts";
import type { CodePoints } from "./_constraint_sets.ts";

/** Bounds the search for exponential ambiguity: pairs of steps looked at. */
const MAX_PAIRS = 300_000;
/** Bounds each count of ways: additions and comparisons. */
const MAX_WORK = 250_000;
/** Vectors of one length that are kept apart; further ones are joined into these. */
const MAX_FRONT = 128;

type Step = readonly [place: number, ways: number];

/** What is allowed, in steps of the matcher. */
export interface CostLimits {
  /** Steps for each character up to which the time counts as proportional to the length. */
  each: number;
  /** Steps for a word of `length`. */
  total: number;
  /** Code points of the longest word that `total` speaks of. */
  length: number;
}

/** What an automaton can cost. */
export type Cost =
  /** At most `each` steps for each character, over words of every length. */
  | "linear"
  /** At most `total` steps over words of `length`. */
  | "limited"
  /** More than `total` steps over words of `length`, perhaps. */
  | "excessive"
  /** A word leads from a place back to itself in two ways: they double each time. */
  | "exponential"
  /** Not decided within the bounds of the search. */
  | "unknown";

/** Bounds the steps of a backtracking matcher. */
export function costOf(automaton: Automaton, limits: CostLimits): Cost {
  const overlap = overlaps(automaton.sets);
  const steps = automaton.follow.map((ways): Step[] => [...ways]);
  const ambiguous = isExponential(automaton, steps, overlap);
  if (ambiguous === undefined) return "unknown";
  if (ambiguous) return "exponential";
  const letters = lettersOf(automaton.sets);
  const cost = new WayCounter(steps, letters, limits, MAX_FRONT).count();
  // Where too many words differ, one vector that covers them all may still be low enough.
  return cost === "linear" || cost === "limited"
    ? cost
    : new WayCounter(steps, letters, limits, 1).count();
}

/**
 * Exponential degree of ambiguity (Weber & Seidl, "On the degree of ambiguity of finite
 * automata", 1991): two different ways from a place back to itself over one word. In this
 * automaton the places of an outermost loop all reach each other, so it is enough to find two
 * ways that part and meet again inside one loop.
 */
function isExponential(
  { loops }: Automaton,
  steps: readonly Step[][],
  overlap: (one: number, other: number) => boolean,
): boolean | undefined {
  const inside = steps.map((all, place) =>
    loops[place] === 0 ? [] : all.filter(([to]) => loops[to] === loops[place])
  );
  const seen = new Set<number>();
  const open: [number, number][] = [];
  let budget = MAX_PAIRS;
  const meet = (one: number, other: number) => {
    if (!overlap(one, other)) return;
    const key = Math.min(one, other) * steps.length + Math.max(one, other);
    if (!seen.has(key)) {
      seen.add(key);
      open.push([one, other]);
    }
  };
  for (const all of inside) {
    for (let at = 0; at < all.length; at++) {
      const [to, ways] = all[at]!;
      if (ways > 1 && overlap(to, to)) return true;
      if ((budget -= all.length - at) < 0) return undefined;
      for (let other = at + 1; other < all.length; other++) {
        meet(to, all[other]![0]);
      }
    }
  }
  for (let pair = open.pop(); pair !== undefined; pair = open.pop()) {
    for (const [one] of inside[pair[0]]!) {
      if ((budget -= inside[pair[1]]!.length) < 0) return undefined;
      for (const [other] of inside[pair[1]]!) {
        if (one !== other) meet(one, other);
        else if (overlap(one, one)) return true;
      }
    }
  }
  return false;
}

/** In how many ways each place is reached over one word. */
type Vector = Map<number, number>;

/**
 * Follows all words at once: from each vector one further vector for each letter, where a
 * vector that another one covers in every place is dropped, because whatever comes after costs
 * no more than after the other. When none is left the bound holds for every length; only
 * expressions without infinite degree of ambiguity (IDA, Weber & Seidl) come to that. For
 * the others the steps over a word of the limited length are summed, which bounds finite but
 * large and polynomial ambiguity alike. Covering and joining only ever raise the bounds.
 */
class WayCounter {
  readonly #steps: readonly Step[][];
  readonly #letters: readonly number[][];
  readonly #limits: CostLimits;
  readonly #maxFront: number;
  /** Steps tried from each place, those that lead nowhere included. */
  readonly #tries: readonly number[];
  /** For each place the vectors that hold it. */
  readonly #known: Vector[][];
  #work = 0;
  /** The most steps for one character so far. */
  #each = 0;

  constructor(
    steps: readonly Step[][],
    letters: readonly number[][],
    limits: CostLimits,
    maxFront: number,
  ) {
    this.#steps = steps;
    this.#letters = letters;
    this.#limits = limits;
    this.#maxFront = maxFront;
    this.#tries = steps.map((all) => sum(all.map(([, ways]) => ways)));
    this.#known = steps.map(() => []);
  }

  count(): Cost {
    const { each, length } = this.#limits;
    let total = 0;
    let front = [this.#keep(new Map([[START, 1]]))];
    for (let level = 0; front.length > 0; level++) {
      if (level <= length) total += this.#each;
      if (total > this.#limits.total) return "excessive";
      if (level >= length && this.#each > each) return "limited";
      const next = this.#next(front);
      if (next === undefined) return level >= length ? "limited" : "unknown";
      front = next;
    }
    if (this.#each <= each) return "linear";
    // A vector dropped at one level is covered by one of a level before, so the most steps
    // for one character hold for all levels to come.
    return this.#each * (length + 1) <= this.#limits.total
      ? "limited"
      : "excessive";
  }

  /** The vectors of the next length, or undefined when the bounds of the search are passed. */
  #next(front: readonly Vector[]): Vector[] | undefined {
    const found: { vector: Vector; ways: number }[] = [];
    for (const vector of front) {
      for (const after of this.#after(vector)) {
        found.push({ vector: after, ways: sum([...after.values()]) });
      }
      if (this.#work > MAX_WORK) return undefined;
    }
    // A vector that covers another has at least as many ways, so it is met first.
    found.sort((a, b) => b.ways - a.ways);
    const next: Vector[] = [];
    let joined = 0;
    for (const { vector } of found) {
      if (this.#work > MAX_WORK) return undefined;
      if (this.#covered(vector)) continue;
      if (next.length < this.#maxFront) {
        next.push(this.#keep(vector));
      } else {
        const at = joined++ % this.#maxFront;
        next[at] = this.#keep(this.#highest(next[at]!, vector));
      }
    }
    return next;
  }

  /** The vectors one letter on. */
  #after(vector: Vector): Iterable<Vector> {
    const sums: Vector = new Map();
    for (const [place, ways] of vector) {
      const steps = this.#steps[place]!;
      this.#work += steps.length;
      for (const [to, times] of steps) {
        sums.set(to, (sums.get(to) ?? 0) + ways * times);
      }
    }
    const byLetter = new Map<number, Vector>();
    for (const [place, ways] of sums) {
      const letters = this.#letters[place]!;
      this.#work += letters.length;
      for (const letter of letters) {
        const after = byLetter.get(letter);
        if (after === undefined) byLetter.set(letter, new Map([[place, ways]]));
        else after.set(place, ways);
      }
    }
    return byLetter.values();
  }

  #covered(vector: Vector): boolean {
    const lists = [...vector.keys()].map((place) => this.#known[place]!);
    const shortest = lists.reduce((one, other) =>
      other.length < one.length ? other : one
    );
    return shortest.findLast((other) => {
      for (const [place, ways] of vector) {
        this.#work++;
        if ((other.get(place) ?? 0) < ways) return false;
      }
      return true;
    }) !== undefined;
  }

  #keep(vector: Vector): Vector {
    let steps = 0;
    for (const [place, ways] of vector) {
      this.#known[place]!.push(vector);
      steps += ways * this.#tries[place]!;
    }
    this.#work += vector.size;
    this.#each = Math.max(this.#each, steps);
    return vector;
  }

  #highest(one: Vector, other: Vector): Vector {
    const result = new Map(one);
    for (const [place, ways] of other) {
      result.set(place, Math.max(ways, result.get(place) ?? 0));
    }
    this.#work += result.size;
    return result;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The distinct sets, and for each place the index of its own. */
function distinct(
  sets: readonly CodePoints[],
): { all: CodePoints[]; indexes: number[] } {
  const all: CodePoints[] = [];
  const found = new Map<string, number>();
  const byObject = new Map<CodePoints, number>();
  const indexes = sets.map((set) => {
    let index = byObject.get(set);
    if (index === undefined) {
      const key = set.ranges.join();
      index = found.get(key) ?? all.push(set) - 1;
      found.set(key, index);
      byObject.set(set, index);
    }
    return index;
  });
  return { all, indexes };
}

/** Whether two places can match the same code point, remembered by their sets. */
function overlaps(
  sets: readonly CodePoints[],
): (one: number, other: number) => boolean {
  const { all, indexes } = distinct(sets);
  const known = new Int8Array(all.length * all.length);
  return (one, other) => {
    const key = indexes[one]! * all.length + indexes[other]!;
    if (known[key] === 0) {
      known[key] = intersect(all[indexes[one]!]!, all[indexes[other]!]!)
        ? 1
        : -1;
    }
    return known[key] === 1;
  };
}

function intersect(
  { ranges: one }: CodePoints,
  { ranges: other }: CodePoints,
): boolean {
  let at = 0;
  let to = 0;
  while (at < one.length && to < other.length) {
    if (one[at + 1]! < other[to]!) at += 2;
    else if (other[to + 1]! < one[at]!) to += 2;
    else return true;
  }
  return false;
}

/**
 * For each place its letters: a letter stands for all code points that are in the same sets,
 * and code points that are in no set have none. The first members of all ranges are enough
 * to meet every intersection of sets.
 */
function lettersOf(sets: readonly CodePoints[]): number[][] {
  const { all, indexes } = distinct(sets);
  const starts = [
    ...new Set(
      all.flatMap((set) => set.ranges.filter((_, at) => at % 2 === 0)),
    ),
  ]
    .sort((a, b) => a - b);
  const members: number[][] = starts.map(() => []);
  for (const [index, { ranges }] of all.entries()) {
    let range = 0;
    for (const [at, start] of starts.entries()) {
      while (range < ranges.length && ranges[range + 1]! < start) range += 2;
      if (range < ranges.length && ranges[range]! <= start) {
        members[at]!.push(index);
      }
    }
  }
  const letters: number[][] = all.map(() => []);
  const groups = new Map(members.map((group) => [group.join(), group]));
  let letter = 0;
  for (const group of groups.values()) {
    for (const index of group) letters[index]!.push(letter);
    letter++;
  }
  return indexes.map((index) => letters[index]!);
}
