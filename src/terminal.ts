/** Which of the first three descriptors is a terminal. */
import { fstatSync } from "node:fs";

const terminals = new Map<number, boolean>();

/** Is the descriptor a terminal? Anything but a character device is answered without loading node:tty. */
export function isTerminal(fd: 0 | 1 | 2): boolean {
  let known = terminals.get(fd);
  if (known === undefined) terminals.set(fd, (known = look(fd)));
  return known;
}

function look(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && process.getBuiltinModule("node:tty").isatty(fd);
  } catch {
    return false; // closed
  }
}
