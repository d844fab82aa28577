/** Terminal modes and sizes that Node cannot set (termios(3), ioctl_tty(2)). Making terminals is pseudo-terminal.ts's business. */
import { closeSync, readdirSync, readlinkSync } from "node:fs";
import { bind, check } from "./libc.ts";
import { takeDescriptor } from "./pidfd.ts";

export interface TerminalSize {
  columns: number;
  rows: number;
}

/** What a process gets whose user has no terminal. */
export const defaultSize: TerminalSize = { columns: 80, rows: 24 };

/** sizeof(struct termios) of glibc and musl. */
const termiosSize = 60;
const outputFlags = 4;
const localFlags = 12;
const OPOST = 1;
const ICANON = 2;
const TCSANOW = 0;

function modeOf(fd: number): Buffer {
  const state = Buffer.alloc(termiosSize);
  check(bind<(fd: number, state: Buffer) => number>("int tcgetattr(int fd, void *state)")(fd, state), "tcgetattr");
  return state;
}

/** @throws the system error when the descriptor is no terminal */
function changeMode(fd: number, change: (state: Buffer) => void): void {
  const state = modeOf(fd);
  change(state);
  check(
    bind<(fd: number, when: number, state: Buffer) => number>("int tcsetattr(int fd, int when, const void *state)")(fd, TCSANOW, state),
    "tcsetattr",
  );
}

const characters = 17; // behind the line discipline
const characterCount = 32;

/**
 * Puts a mode back that stty(1) has told: its flags and characters, in hexadecimal, joined by colons.
 * @throws the system error when the descriptor is no terminal
 */
export function setMode(fd: number, told: string): void {
  const numbers = told.split(":").map((number) => Number.parseInt(number, 16) >>> 0);
  changeMode(fd, (state) => {
    numbers.slice(0, 4).forEach((flags, at) => void state.writeUInt32LE(flags, 4 * at));
    numbers.slice(4, 4 + characterCount).forEach((character, at) => void state.writeUInt8(character & 0xff, characters + at));
  });
}

/** Does the terminal give lines, as a shell leaves it for a program? @throws the system error when the descriptor is no terminal */
export function givesLines(fd: number): boolean {
  return (modeOf(fd).readUInt32LE(localFlags) & ICANON) !== 0;
}

/**
 * Output bytes reach the terminal as they are: Node's raw mode still turns "\n" into "\r\n", which a program in a
 * container has done already where it wants to. Node's `setRawMode(false)` puts the terminal's first mode back.
 * @throws the system error when the descriptor is no terminal
 */
export function passOutputThrough(fd: number): void {
  changeMode(fd, (state) => state.writeUInt32LE((state.readUInt32LE(outputFlags) & ~OPOST) >>> 0, outputFlags));
}

/** Every byte passes as it is, and none is echoed: cfmakeraw(3). */
export function makeRaw(fd: number): void {
  changeMode(fd, bind<(state: Buffer) => never>("void cfmakeraw(void *state)"));
}

const TIOCGWINSZ = 0x5413;
const TIOCSWINSZ = 0x5414;

function control(fd: number, request: number, argument: Buffer): number {
  return bind<(fd: number, request: number, argument: Buffer) => number>("int ioctl(int fd, unsigned long request, void *argument)")(
    fd,
    request,
    argument,
  );
}

/** The size of the terminal behind a descriptor; undefined where there is none, or one that nobody gave a size. */
export function sizeOfTerminal(fd: number): TerminalSize | undefined {
  const size = Buffer.alloc(8); // struct winsize
  if (control(fd, TIOCGWINSZ, size) < 0) return undefined;
  const [rows, columns] = [size.readUInt16LE(0), size.readUInt16LE(2)];
  return rows && columns ? { columns, rows } : undefined;
}

/** Nothing happens where the descriptor is no terminal (any more). */
export function resizeTerminal(fd: number, { columns, rows }: TerminalSize): void {
  control(fd, TIOCSWINSZ, Buffer.from(Uint16Array.of(Math.max(1, rows), Math.max(1, columns), 0, 0).buffer));
}

/**
 * Sizes the pseudo-terminals whose master ends a process holds: at once, and also for a process that would not do it.
 * @returns whether there was one
 */
export function resizeMastersOf(pid: number, size: TerminalSize): boolean {
  let found = false;
  for (const number of mastersOf(pid)) {
    const fd = takeDescriptor(pid, number);
    if (fd === undefined) continue;
    resizeTerminal(fd, size);
    closeSync(fd);
    found = true;
  }
  return found;
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
