/**
 * Netlink sockets (RFC 3549, <linux/netlink.h>): messages, attributes, acknowledged requests and dumps. What a message
 * of a family says is built beside this file (netlink-route.ts, netlink-conntrack.ts).
 */
import { closeSync } from "node:fs";
import { bind, check, lastErrno, systemError } from "./libc.ts";

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
/** <linux/netlink.h> */
export const NETLINK = { ROUTE: 0, NETFILTER: 12 };
export const NLM_F = { REQUEST: 1, ACK: 4, ROOT: 0x100, MATCH: 0x200, REPLACE: 0x100, EXCL: 0x200, CREATE: 0x400 };
const NLMSG = { ERROR: 2, DONE: 3 };
/** The type of a nested attribute carries this bit. */
const NESTED = 0x8000;

const align = (length: number) => (length + 3) & ~3;

/** One attribute: length, type, payload, padding to four bytes. */
export function attribute(type: number, payload: Uint8Array): Buffer {
  const buffer = Buffer.alloc(align(4 + payload.length));
  buffer.writeUInt16LE(4 + payload.length, 0);
  buffer.writeUInt16LE(type, 2);
  buffer.set(payload, 4);
  return buffer;
}

export function nested(type: number, ...attributes: Uint8Array[]): Buffer {
  return attribute(type | NESTED, Buffer.concat(attributes));
}

export function u32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value >>> 0);
  return buffer;
}

export const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** Attributes by type; the nesting bits are stripped. A repeated type keeps the last. */
export function parseAttributes(buffer: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let offset = 0; offset + 4 <= buffer.length; ) {
    const length = buffer.readUInt16LE(offset);
    if (length < 4) break;
    found.set(buffer.readUInt16LE(offset + 2) & 0x3fff, buffer.subarray(offset + 4, offset + length));
    offset += align(length);
  }
  return found;
}

/** A request to the kernel. */
export interface Message {
  type: number;
  /** NLM_F bits beyond REQUEST and ACK. */
  flags?: number;
  parts: Uint8Array[];
  /** For the error text: what the request does, to what. */
  doing: string;
  /** Error numbers that are as good as success, e.g. ENODEV when something is deleted. */
  tolerate?: number[];
}

/** <errno.h> */
export const ERRNO = { ENOENT: 2, EEXIST: 17, ENODEV: 19, EINVAL: 22, ESRCH: 3, EADDRNOTAVAIL: 99, EADDRINUSE: 98, EOPNOTSUPP: 95 };

/** Repeats a call that a signal cut short before it did anything (EINTR). */
function uninterrupted(call: () => number): number {
  for (;;) {
    const result = call();
    if (result >= 0 || lastErrno() !== 4) return result;
  }
}

/** A netlink socket; it speaks to the network namespace in which it was opened, wherever its user goes afterwards. */
export class NetlinkSocket implements Disposable {
  readonly #fd: number;
  #sequence = 1;
  static readonly #buffer = Buffer.alloc(1 << 16);

  constructor(protocol: number = NETLINK.ROUTE) {
    const socket = bind<(domain: number, type: number, protocol: number) => number>("int socket(int domain, int type, int protocol)");
    this.#fd = check(socket(AF_NETLINK, SOCK_RAW_CLOEXEC, protocol), "socket", "netlink");
  }

  /** Sends the messages in one datagram and waits for every acknowledgement; throws the first error that is not tolerated. */
  request(...messages: Message[]): void {
    const first = this.#send(messages, NLM_F.ACK);
    let failure: NodeJS.ErrnoException | undefined;
    for (let pending = messages.length; pending > 0; ) {
      for (const reply of this.#receive()) {
        const message = messages[reply.sequence - first];
        if (!message || reply.type !== NLMSG.ERROR) continue;
        pending--;
        const errno = -reply.body.readInt32LE(0);
        if (errno !== 0 && !message.tolerate?.includes(errno)) failure ??= systemError(errno, message.doing);
      }
    }
    if (failure) throw failure;
  }

  /** Sends one request and gathers the bodies of all answers (a dump when `flags` say so). */
  query(message: Message): Buffer[] {
    const first = this.#send([message], message.flags === undefined ? NLM_F.ACK : 0);
    const bodies: Buffer[] = [];
    for (;;) {
      for (const reply of this.#receive()) {
        if (reply.sequence !== first) continue;
        if (reply.type === NLMSG.DONE) return bodies;
        if (reply.type === NLMSG.ERROR) {
          const errno = -reply.body.readInt32LE(0);
          if (errno === 0 || message.tolerate?.includes(errno)) return bodies;
          throw systemError(errno, message.doing);
        }
        bodies.push(Buffer.from(reply.body));
      }
    }
  }

  /** Returns the first message's sequence number. */
  #send(messages: Message[], extra: number): number {
    const first = this.#sequence;
    const datagram = Buffer.concat(
      messages.flatMap(({ type, flags = 0, parts }) => {
        const header = Buffer.alloc(16);
        header.writeUInt32LE(16 + parts.reduce((sum, part) => sum + part.length, 0), 0);
        header.writeUInt16LE(type, 4);
        header.writeUInt16LE(flags | NLM_F.REQUEST | extra, 6);
        header.writeUInt32LE(this.#sequence++, 8);
        return [header, ...parts];
      }),
    );
    const send = bind<(fd: number, buffer: Uint8Array, length: number, flags: number) => number>(
      "long send(int fd, const void *buffer, size_t length, int flags)",
    );
    check(
      uninterrupted(() => send(this.#fd, datagram, datagram.length, 0)),
      "send",
      messages[0]?.doing,
    );
    return first;
  }

  #receive(): { type: number; sequence: number; body: Buffer }[] {
    const buffer = NetlinkSocket.#buffer;
    const recv = bind<(fd: number, buffer: Uint8Array, length: number, flags: number) => number>(
      "long recv(int fd, _Out_ void *buffer, size_t length, int flags)",
    );
    const received = check(
      uninterrupted(() => recv(this.#fd, buffer, buffer.length, 0)),
      "recv",
      "netlink",
    );
    const replies = [];
    for (let offset = 0; offset + 16 <= received; ) {
      const length = buffer.readUInt32LE(offset);
      replies.push({
        type: buffer.readUInt16LE(offset + 4),
        sequence: buffer.readUInt32LE(offset + 8),
        body: buffer.subarray(offset + 16, offset + length),
      });
      offset += align(length);
    }
    return replies;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
