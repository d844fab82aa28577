/**
 * Descriptors that libuv does not know as event sources — SOCK_SEQPACKET sockets, pidfds — as `net.Socket`s: a socket of
 * a kind it does know is opened, and the descriptor is laid over its number before the event loop first looks at it.
 */
import { closeSync, constants, openSync } from "node:fs";
import type { Socket } from "node:net";
import { basename, dirname } from "node:path";
import { setCloseOnExec, setStatusFlags } from "./fcntl.ts";
import { O_PATH } from "./files.ts";
import { bind, check, lastErrno, systemError } from "./libc.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_SEQPACKET = 5;
const SOCK_CLOEXEC = 0o2000000;
const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
const SHUT_RD = 0;

/** Takes over a descriptor (it is closed with the socket, under another number). Starts paused. */
export function adoptDescriptor(fd: number): Socket {
  const pair = new Int32Array(2);
  const socketpair = bind<(domain: number, type: number, protocol: number, fds: Int32Array) => number>(
    "int socketpair(int domain, int type, int protocol, int *fds)",
  );
  check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
  const [ours = -1, other = -1] = pair;
  const { Socket } = process.getBuiltinModule("node:net");
  const socket = new Socket({ fd: ours, readable: true, writable: true, pauseOnCreate: true, allowHalfOpen: true } as object);
  const dup2 = bind<(from: number, to: number) => number>("int dup2(int from, int to)");
  check(dup2(fd, ours), "dup2");
  setCloseOnExec(ours);
  setStatusFlags(ours, O_RDWR | O_NONBLOCK); // a pidfd does not need it
  closeSync(fd);
  closeSync(other);
  return socket;
}

/** struct sockaddr_un. */
export function unixAddress(path: string): Buffer {
  const name = Buffer.from(`${path}\0`);
  const address = Buffer.alloc(2 + name.length);
  address.writeUInt16LE(AF_UNIX, 0);
  name.copy(address, 2);
  return address;
}

/**
 * Connects to a SOCK_SEQPACKET socket in the file system; each chunk read is one packet.
 * @param onlyWrites the other side's writes fail from now on, rather than wait for a reader that may not read
 * @throws the system error of connect(2)
 */
export function connectPackets(path: string, { onlyWrites = false } = {}): Socket {
  // sun_path holds 108 bytes and containers' directories are longer: the directory is named by a descriptor.
  const directory = openSync(dirname(path), constants.O_DIRECTORY | O_PATH);
  try {
    const address = unixAddress(`/proc/self/fd/${directory}/${basename(path)}`);
    const fd = check(
      bind<(d: number, t: number, p: number) => number>("int socket(int domain, int type, int protocol)")(
        AF_UNIX,
        SOCK_SEQPACKET | SOCK_CLOEXEC,
        0,
      ),
      "socket",
    );
    const connect = bind<(fd: number, address: Buffer, length: number) => number>(
      "int connect(int fd, const void *address, unsigned int length)",
    );
    if (connect(fd, address, address.length) < 0) {
      const errno = lastErrno();
      closeSync(fd);
      throw systemError(errno, "connect", path);
    }
    if (onlyWrites) check(bind<(fd: number, how: number) => number>("int shutdown(int fd, int how)")(fd, SHUT_RD), "shutdown");
    return adoptDescriptor(fd);
  } finally {
    closeSync(directory);
  }
}
