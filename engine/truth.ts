/** Words for true and false, as Go's strconv.ParseBool has them, in letters of any case. Pure. */

/** @returns undefined for any other text */
export function parseTruth(text: string): boolean | undefined {
  if (/^(1|t|true)$/i.test(text)) return true;
  return /^(0|f|false)$/i.test(text) ? false : undefined;
}

/** Whether a variable asks for something, as docker compose reads its own: "y" does, too, and what is no truth value does not. */
export function isWished(text = ""): boolean {
  return /^y$/i.test(text.trim()) || parseTruth(text.trim()) === true;
}
