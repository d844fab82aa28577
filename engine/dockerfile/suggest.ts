/** "Did you mean": the nearest of a few names to a mistyped one. */

/** Levenshtein distance with adjacent transpositions counted as one. */
function distance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        cost = Math.min(cost, beforeLast[column - 2]! + 1);
      }
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}

/** Nobody types a longer name from memory, and distance costs the product of the lengths. */
const longest = 64;

/**
 * The nearest candidate within distance 2, BuildKit's bound; undefined when the word is itself a candidate or when
 * nothing is near. A word of up to two letters has no neighbours: everything short is near it.
 */
export function nearest(word: string, candidates: Iterable<string>, options: { ignoreCase?: boolean } = {}): string | undefined {
  const fold = (text: string) => (options.ignoreCase ? text.toLowerCase() : text);
  const wanted = fold(word);
  if (wanted.length > longest) return undefined;
  let best: string | undefined;
  let bound = Math.min(3, wanted.length);
  for (const candidate of candidates) {
    const folded = fold(candidate);
    if (folded === wanted) return undefined;
    if (Math.abs(folded.length - wanted.length) >= bound) continue;
    const far = distance(wanted, folded);
    if (far < bound) [best, bound] = [candidate, far];
  }
  return best;
}
