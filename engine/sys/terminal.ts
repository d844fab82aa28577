/** Terminal modes that Node cannot set (termios(3)). */
import { bind, check } from "./libc.ts";

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
