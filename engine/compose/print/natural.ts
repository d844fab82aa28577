/** The order of names in docker compose's YAML: numbers in them by their value ("a2" before "a10"), other signs before letters. Pure. */

const isDigit = (letter: string) => letter >= "0" && letter <= "9";
const isLetter = (letter: string) => (letter < "\x80" ? /[A-Za-z]/.test(letter) : /^\p{L}$/u.test(letter));

export function compareNaturally(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at >= one.length || at >= other.length ? one.length - other.length : compareAt(one, other, at);
}

/** They differ here, and not before. */
function compareAt(left: string, right: string, at: number): number {
  const [leftLetter, rightLetter] = [isLetter(left[at]!), isLetter(right[at]!)];
  if (leftLetter !== rightLetter) {
    const isInNumber = at > 0 && isDigit(left[at - 1]!);
    return leftLetter === isInNumber ? -1 : 1;
  }
  const order = left[at]! < right[at]! ? -1 : 1;
  if (leftLetter) return order;
  const before = (left[at] === "0" || right[at] === "0") && numberBefore(left, at) ? "1" : "";
  const [leftDigits, rightDigits] = [digitsAt(left, at), digitsAt(right, at)];
  const difference = BigInt(before + leftDigits || "0") - BigInt(before + rightDigits || "0");
  if (difference !== 0n) return difference < 0n ? -1 : 1;
  return leftDigits.length - rightDigits.length || order;
}

/** Whether digits that are not all zeros stand before: a zero then counts. */
function numberBefore(text: string, at: number): boolean {
  for (let index = at - 1; index >= 0 && isDigit(text[index]!); index--) if (text[index] !== "0") return true;
  return false;
}

function digitsAt(text: string, at: number): string {
  let end = at;
  while (end < text.length && isDigit(text[end]!)) end++;
  return text.slice(at, end);
}
