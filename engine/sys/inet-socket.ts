/** Internet sockets as bare descriptors: what reserves a host port for a container (ip(7), socket(7)). No traffic flows through them. */
import { closeSync } from "node:fs";
import { bind, check, lastErrno, systemError } from "./libc.ts";

// <sys/socket.h>, <netinet/in.h>
const AF = { INET: 2, INET6: 10 };
const SOCK_CLOEXEC = 0o2000000;
const protocols = { tcp: { type: 1, protocol: 6 }, udp: { type: 2, protocol: 17 }, sctp: { type: 1, protocol: 132 } };
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const EPROTONOSUPPORT = 93;
const EAFNOSUPPORT = 97;

export interface ReservedPort {
  /** Close-on-exec; -1 when the kernel has no sockets of this protocol, so that nothing can be in the way. */
  fd: number;
  port: number;
}

/** struct sockaddr_in or sockaddr_in6. */
function socketAddress(address: Uint8Array, port: number): Buffer {
  const buffer = Buffer.alloc(address.length === 4 ? 16 : 28);
  buffer.writeUInt16LE(address.length === 4 ? AF.INET : AF.INET6, 0);
  buffer.writeUInt16BE(port, 2);
  buffer.set(address, address.length === 4 ? 4 : 8);
  return buffer;
}

/**
 * Binds a host address and port, and listens where the protocol can: no other program gets it while the descriptor lives.
 * @param port 0 for any free one
 * @throws the system error: EADDRINUSE, EADDRNOTAVAIL, EACCES
 */
export function reservePort(protocol: keyof typeof protocols, address: Uint8Array, port: number): ReservedPort {
  const { type, protocol: number } = protocols[protocol];
  const socket = bind<(domain: number, type: number, protocol: number) => number>("int socket(int domain, int type, int protocol)");
  const fd = socket(address.length === 4 ? AF.INET : AF.INET6, type | SOCK_CLOEXEC, number);
  if (fd < 0) {
    const errno = lastErrno();
    if (protocol === "sctp" && (errno === EPROTONOSUPPORT || errno === EAFNOSUPPORT)) return { fd: -1, port };
    throw systemError(errno, "socket");
  }
  try {
    if (protocol !== "udp") setOption(fd, SOL_SOCKET, SO_REUSEADDR); // a connection in TIME_WAIT is not in the way; a listener is
    if (address.length === 16) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY);
    const name = socketAddress(address, port);
    check(
      bind<(fd: number, name: Uint8Array, length: number) => number>("int bind(int fd, const void *name, unsigned int length)")(
        fd,
        name,
        name.length,
      ),
      "bind",
    );
    if (protocol !== "udp") check(bind<(fd: number, backlog: number) => number>("int listen(int fd, int backlog)")(fd, 1), "listen");
    return { fd, port: port || boundPort(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function setOption(fd: number, level: number, option: number): void {
  const one = Buffer.from([1, 0, 0, 0]);
  const call = bind<(fd: number, level: number, option: number, value: Uint8Array, length: number) => number>(
    "int setsockopt(int fd, int level, int option, const void *value, unsigned int length)",
  );
  check(call(fd, level, option, one, one.length), "setsockopt");
}

function boundPort(fd: number): number {
  const name = Buffer.alloc(28);
  const length = Buffer.from([name.length, 0, 0, 0]);
  const call = bind<(fd: number, name: Uint8Array, length: Uint8Array) => number>(
    "int getsockname(int fd, _Out_ void *name, _Inout_ void *length)",
  );
  check(call(fd, name, length), "getsockname");
  return name.readUInt16BE(2);
}
