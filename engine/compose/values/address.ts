/** IP addresses in texts. Pure. */

/** `node:net` is loaded when one is looked at: few files have any, and it costs a cold process on Bun milliseconds. */
export function isAddress(text: string): boolean {
  return process.getBuiltinModule("node:net").isIP(text) !== 0;
}
