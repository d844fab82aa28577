/** "Did you mean": the nearest of some names to a mistyped word. Pure. */

/** Nobody types a longer name from memory, and distance costs the product of the lengths. */
const longest = 64;

/** Edit distance with transpositions (Damerau-Levenshtein, restricted), giving up beyond `limit`. */
export function editDistance(from: string, to: string, limit = 3): number {
  if (Math.abs(from.length - to.length) > limit || from.length > longest) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length]!;
}

const exactly = (text: string) => text;

/** The candidate nearest to a word, within a distance; the first of several. */
function nearestWithin(limit: number, word: string, candidates: Iterable<string>, fold = exactly): string | undefined {
  let best: string | undefined;
  let bound = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(fold(word), fold(candidate), bound - 1);
    if (distance < bound) [best, bound] = [candidate, distance];
  }
  return best;
}

/** What was meant by a word that somebody typed: in any case, further off the longer it is, or only its beginning. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  // More than every third letter wrong, and it was another word that was meant.
  const limit = word.length <= 1 ? 0 : word.length <= 5 ? 1 : word.length <= 8 ? 2 : 3;
  const names = [...candidates];
  const near = nearestWithin(limit, word, names, (text) => text.toLowerCase());
  return near ?? (word.length < 3 ? undefined : names.find((name) => name.startsWith(word)));
}

/**
 * What was meant by a word of a Dockerfile: within distance 2, BuildKit's bound; undefined when it is itself a candidate. A word of
 * up to two letters has few neighbours, as everything short is near it.
 */
export function nearestName(word: string, candidates: Iterable<string>): string | undefined {
  const near = nearestWithin(Math.min(2, word.length - 1), word, candidates);
  return near === word ? undefined : near;
}
