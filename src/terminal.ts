/** Which of the first three descriptors is a terminal. */
import { fstatSync } from "node:fs";

const terminals = new Map<number, boolean>();

/** Is the descriptor a terminal? Answered without loading node:tty, which is 3 ms of `ps`, but for rare devices. */
export function isTerminal(fd: 0 | 1 | 2): boolean {
  let known = terminals.get(fd);
  if (known === undefined) terminals.set(fd, (known = look(fd)));
  return known;
}

function look(fd: number): boolean {
  try {
    const stats = fstatSync(fd);
    return stats.isCharacterDevice() && (isTerminalDevice(stats.rdev) ?? process.getBuiltinModule("node:tty").isatty(fd));
  } catch {
    return false; // closed
  }
}

/** What a character device's number tells, by the kernel's devices.txt: 1 is memory (/dev/null), 136 to 143 are pseudo terminals. */
export function isTerminalDevice(rdev: number): boolean | undefined {
  const major = (rdev >> 8) & 0xfff;
  if (major === 1) return false;
  return major >= 136 && major <= 143 ? true : undefined;
}
