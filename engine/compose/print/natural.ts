/** The order of names in docker compose's YAML: numbers in them by their value ("a2" before "a10"), other signs before letters. Pure. */

const isDigit = (letter: string) => /^\p{Nd}$/u.test(letter);
const isLetter = (letter: string) => /^\p{L}$/u.test(letter);

export function compareNaturally(one: string, other: string): number {
  const [left, right] = [[...one], [...other]];
  const at = left.findIndex((letter, index) => letter !== right[index]);
  if (at < 0 || at >= right.length) return left.length - right.length;
  return compareAt(left, right, at);
}

/** They differ here, and not before. */
function compareAt(left: readonly string[], right: readonly string[], at: number): number {
  const [leftLetter, rightLetter] = [isLetter(left[at]!), isLetter(right[at]!)];
  if (leftLetter !== rightLetter) {
    const isInNumber = at > 0 && isDigit(left[at - 1]!);
    return leftLetter === isInNumber ? -1 : 1;
  }
  const order = left[at]! < right[at]! ? -1 : 1;
  if (leftLetter) return order;
  const before = numberBefore(left, at) && (left[at] === "0" || right[at] === "0") ? "1" : "";
  const [leftDigits, rightDigits] = [digitsAt(left, at), digitsAt(right, at)];
  const difference = BigInt(before + leftDigits || "0") - BigInt(before + rightDigits || "0");
  if (difference !== 0n) return difference < 0n ? -1 : 1;
  return leftDigits.length - rightDigits.length || order;
}

/** Whether digits that are not all zeros stand before: a zero then counts. */
function numberBefore(letters: readonly string[], at: number): boolean {
  for (let index = at - 1; index >= 0 && isDigit(letters[index]!); index--) if (letters[index] !== "0") return true;
  return false;
}

function digitsAt(letters: readonly string[], at: number): string {
  let end = at;
  while (end < letters.length && isDigit(letters[end]!)) end++;
  return letters.slice(at, end).join("");
}
