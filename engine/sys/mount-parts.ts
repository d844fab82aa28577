/**
 * The mount interface of file descriptors (fsopen(2) and its family, Linux 5.2): options come one by one, so that together
 * they may be longer than the page that mount(2) takes.
 */
import { closeDescriptor } from "./files.ts";
import { bind, check } from "./libc.ts";

// The calls' numbers are the same on every architecture. <linux/mount.h>
const call = { moveMount: 429, open: 430, config: 431, mount: 432 };
const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG = { SET_FLAG: 0, SET_STRING: 1, CMD_CREATE: 6 };
const AT_FDCWD = -100;
const MOVE_MOUNT_F_EMPTY_PATH = 4;

/** A name with its value (255 bytes at most), or alone. */
export type MountOption = readonly [name: string, value?: string];

/** @throws the system error: ENOSYS where the kernel has no such calls, EINVAL for an option that it does not know */
export function mountByParts(type: string, target: string, options: readonly MountOption[]): void {
  const openFs = bind<(n: number, type: string, flags: number) => number>(
    "long syscall(long number, const char *type, unsigned int flags)",
  );
  const context = check(openFs(call.open, type, FSOPEN_CLOEXEC), "fsopen", type);
  try {
    configure(context, options);
    moveTo(target, makeMount(context));
  } finally {
    closeDescriptor(context);
  }
}

function configure(context: number, options: readonly MountOption[]): void {
  const config = bind<(n: number, fd: number, command: number, name: string | null, value: string | null, aux: number) => number>(
    "long syscall(long number, int fd, unsigned int command, const char *name, const char *value, int aux)",
  );
  for (const [name, value] of options) {
    const command = value === undefined ? FSCONFIG.SET_FLAG : FSCONFIG.SET_STRING;
    check(config(call.config, context, command, name, value ?? null, 0), "fsconfig", value === undefined ? name : `${name}=${value}`);
  }
  check(config(call.config, context, FSCONFIG.CMD_CREATE, null, null, 0), "fsconfig");
}

function makeMount(context: number): number {
  const make = bind<(n: number, fd: number, flags: number, attributes: number) => number>(
    "long syscall(long number, int fd, unsigned int flags, unsigned int attributes)",
  );
  return check(make(call.mount, context, FSMOUNT_CLOEXEC, 0), "fsmount");
}

function moveTo(target: string, mounted: number): void {
  const move = bind<(n: number, from: number, fromPath: string, to: number, toPath: string, flags: number) => number>(
    "long syscall(long number, int from, const char *fromPath, int to, const char *toPath, unsigned int flags)",
  );
  try {
    check(move(call.moveMount, mounted, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH), "move_mount", target);
  } finally {
    closeDescriptor(mounted);
  }
}
