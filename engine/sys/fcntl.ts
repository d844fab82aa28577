/** fcntl(2): what a descriptor is besides its number. */
import { bind, check } from "./libc.ts";

// <fcntl.h>
const F_SETFD = 2;
const F_SETFL = 4;
const F_DUPFD_CLOEXEC = 1030;
const FD_CLOEXEC = 1;

const fcntl = (fd: number, command: number, value: number): number =>
  bind<(fd: number, command: number, value: number) => number>("int fcntl(int fd, int command, int value)")(fd, command, value);

/** dup(2), closed in children. */
export function duplicate(fd: number): number {
  return check(fcntl(fd, F_DUPFD_CLOEXEC, 0), "fcntl");
}

/** Closes it in children, which dup2(2) does not. */
export function setCloseOnExec(fd: number): void {
  check(fcntl(fd, F_SETFD, FD_CLOEXEC), "fcntl");
}

/** Sets its file status flags, O_NONBLOCK among them, where it takes them: a pidfd does not. */
export function setStatusFlags(fd: number, flags: number): void {
  fcntl(fd, F_SETFL, flags);
}
