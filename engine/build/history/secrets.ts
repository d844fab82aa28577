/** What must not be kept of what a build was asked: values of arguments that are secrets by their name, users in addresses. Pure. */

/** Is it an argument whose value nobody else is to know? */
export const isSecret = (name: string): boolean => secretName.test(name);

const secretName = /token|secret|passw|passphrase|credential|private|api_?key|access_?key|(^|_)(auth|pwd|pat|key)(_|$)/i;
/** Shorter ones would stand for much that is no secret. */
const shortest = 4;

export const hidden = "*****";

/** An address without its user and password. */
export function withoutUser(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^/@\s]+@/gi, "$1");
}

/** Takes the values of secret arguments out of a text. */
export function maskOf(args: Readonly<Record<string, string>>): (text: string) => string {
  const values = Object.entries(args)
    .filter(([name, value]) => isSecret(name) && value.length >= shortest)
    // As text, and as output is kept: a character for each byte.
    .flatMap(([, value]) => [value, Buffer.from(value).toString("latin1")])
    .sort((a, b) => b.length - a.length);
  return (text) => values.reduce((masked, value) => masked.replaceAll(value, hidden), text);
}
