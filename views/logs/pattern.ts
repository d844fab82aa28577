/** What people type to look for: a regular expression, or the text itself when it is none. Lower case finds any case. Pure. */

export function patternOf(text: string): RegExp | undefined {
  if (text === "") return undefined;
  // Escapes such as \S are no capital letters of the text.
  const flags = text.replace(/\\./g, "") === text.replace(/\\./g, "").toLowerCase() ? "iu" : "u";
  try {
    return new RegExp(text, flags);
  } catch {
    return new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), flags);
  }
}
