/** How `--filter` of every `ls` compares names and labels, as docker does. Pure. */

/** Anywhere in the text, by a regular expression; what is none is looked for as it is. */
export function matchesPattern(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return text.includes(pattern);
  }
}

/** True when the labels hold "key" or "key=value". */
export function hasLabel(labels: Record<string, string>, wanted: string): boolean {
  const [key = "", value] = wanted.split(/=(.*)/s);
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}
