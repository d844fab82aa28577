/** A socket in the file system at which another process hands over a descriptor: SCM_RIGHTS, unix(7). */
import { closeSync, constants, openSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { setImmediate as tick } from "node:timers/promises";
import { duplicate } from "./fcntl.ts";
import { O_PATH } from "./files.ts";
import { addressOf, bind, check, lastErrno, systemError } from "./libc.ts";
import { adoptDescriptor, unixAddress } from "./socket.ts";

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x40000000;
const EAGAIN = 11;

export interface DescriptorSocket extends Disposable {
  /** For the other process, whatever the length of the path: it is valid until this is disposed of. */
  readonly path: string;
  /**
   * The descriptor, once it is there; undefined when the other process hands over none.
   * @param ended the other process has ended, and what it sent is there
   */
  received(ended: Promise<unknown>): Promise<number | undefined>;
}

/** @throws the system error of bind(2) */
export function openDescriptorSocket(path: string): DescriptorSocket {
  // sun_path holds 108 bytes and containers' directories are longer: the directory is named by a descriptor.
  const directory = openSync(dirname(path), constants.O_DIRECTORY | O_PATH);
  try {
    const short = `/proc/${process.pid}/fd/${directory}/${basename(path)}`;
    const fd = listenAt(short);
    return {
      path: short,
      received: async (ended) => {
        await somebodyConnects(fd, ended);
        return receiveFrom(fd);
      },
      [Symbol.dispose]() {
        closeSync(fd);
        closeSync(directory);
        rmSync(path, { force: true });
      },
    };
  } catch (error) {
    closeSync(directory);
    throw error;
  }
}

function listenAt(path: string): number {
  const socket = bind<(domain: number, type: number, protocol: number) => number>("int socket(int domain, int type, int protocol)");
  const fd = check(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket");
  const address = unixAddress(path);
  try {
    const name = bind<(fd: number, address: Buffer, length: number) => number>(
      "int bind(int fd, const void *address, unsigned int length)",
    );
    check(name(fd, address, address.length), "bind", path);
    check(bind<(fd: number, waiting: number) => number>("int listen(int fd, int waiting)")(fd, 1), "listen");
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Reading from a socket that listens fails once somebody has connected (EINVAL); see also watchExit. */
async function somebodyConnects(listening: number, ended: Promise<unknown>): Promise<void> {
  const watcher = adoptDescriptor(duplicate(listening));
  const connected = new Promise((resolve) => watcher.once("error", () => {}).once("close", resolve));
  watcher.resume();
  await Promise.race([connected, ended]);
  watcher.destroy();
}

async function receiveFrom(listening: number): Promise<number | undefined> {
  const accept = bind<(fd: number, address: null, length: null, flags: number) => number>(
    "int accept4(int fd, void *address, void *length, int flags)",
  );
  const connection = accept(listening, null, null, SOCK_CLOEXEC);
  if (connection < 0) return undefined;
  try {
    // It sends right after it has connected.
    for (;;) {
      const fd = receive(connection);
      if (fd !== "later") return fd;
      await tick();
    }
  } finally {
    closeSync(connection);
  }
}

/** recvmsg(2): one message, its descriptor. */
function receive(connection: number): number | undefined | "later" {
  const byte = Buffer.alloc(1);
  const control = Buffer.alloc(24); // struct cmsghdr and an int
  const vector = Buffer.from(BigUint64Array.of(addressOf(byte), 1n).buffer);
  const header = BigUint64Array.of(0n, 0n, addressOf(vector), 1n, addressOf(control), BigInt(control.length), 0n);
  const recvmsg = bind<(fd: number, header: BigUint64Array, flags: number) => number>("long recvmsg(int fd, void *header, int flags)");
  if (Number(recvmsg(connection, header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)) < 0) {
    const errno = lastErrno();
    if (errno === EAGAIN) return "later";
    throw systemError(errno, "recvmsg");
  }
  const isOurs = header[5]! >= 20n && control.readInt32LE(8) === SOL_SOCKET && control.readInt32LE(12) === SCM_RIGHTS;
  return isOurs ? control.readInt32LE(16) : undefined;
}
