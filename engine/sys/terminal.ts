/** Terminal modes and sizes that Node cannot set (termios(3), ioctl_tty(2)). */
import { closeSync, readdirSync, readlinkSync } from "node:fs";
import { bind, check } from "./libc.ts";
import { takeDescriptor } from "./pidfd.ts";

/** sizeof(struct termios) of glibc and musl. */
const termiosSize = 60;
const outputFlags = 4;
const OPOST = 1;
const TCSANOW = 0;

/**
 * Output bytes reach the terminal as they are: Node's raw mode still turns "\n" into "\r\n", which a program in a
 * container has done already where it wants to. Node's `setRawMode(false)` puts the terminal's first mode back.
 * @throws the system error when the descriptor is no terminal
 */
export function passOutputThrough(fd: number): void {
  const state = Buffer.alloc(termiosSize);
  check(bind<(fd: number, state: Buffer) => number>("int tcgetattr(int fd, void *state)")(fd, state), "tcgetattr");
  state.writeUInt32LE((state.readUInt32LE(outputFlags) & ~OPOST) >>> 0, outputFlags);
  check(
    bind<(fd: number, when: number, state: Buffer) => number>("int tcsetattr(int fd, int when, const void *state)")(fd, TCSANOW, state),
    "tcsetattr",
  );
}

const TIOCSWINSZ = 0x5414;

/** Sizes the pseudo-terminals whose master ends a process holds: for a runtime that does not pass its own size on. */
export function resizeMastersOf(pid: number, columns: number, rows: number): void {
  const size = Buffer.from(Uint16Array.of(rows, columns, 0, 0).buffer);
  for (const number of mastersOf(pid)) {
    const fd = takeDescriptor(pid, number);
    if (fd === undefined) continue;
    bind<(fd: number, request: number, size: Buffer) => number>("int ioctl(int fd, unsigned long request, void *argument)")(
      fd,
      TIOCSWINSZ,
      size,
    );
    closeSync(fd);
  }
}

function mastersOf(pid: number): number[] {
  const directory = `/proc/${pid}/fd`;
  try {
    return readdirSync(directory)
      .filter((number) => readlinkSync(`${directory}/${number}`).endsWith("/ptmx"))
      .map(Number);
  } catch {
    return []; // it has ended, or closed one meanwhile
  }
}
