/** A client of name servers that chooses the address it asks from, and a server of the outside (RFC 1035, RFC 7766). */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { formatAddress } from "../../../../engine/network/address/address.ts";

export const type = { A: 1, MX: 15, PTR: 12, AAAA: 28 };
export const code = { FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };

const wireName = (name: string) =>
  Buffer.concat([...name.split(".").map((label) => Buffer.from([label.length, ...Buffer.from(label)])), Buffer.from([0])]);

/** @param room what the asker can take over UDP, by EDNS */
export function question(name: string, kind = type.A, { id = 0x1234, room = 0 } = {}): Buffer {
  const head = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, room ? 1 : 0]);
  const extension = room ? [Buffer.from([0, 0, 41, room >> 8, room & 255, 0, 0, 0, 0, 0, 0])] : [];
  return Buffer.concat([head, wireName(name), Buffer.from([0, kind, 0, 1]), ...extension]);
}

export interface Reply {
  code: number;
  truncated: boolean;
  /** The name as it stands in the question. */
  name: string;
  /** Addresses and names. */
  answers: string[];
  ttls: number[];
}

export function readReply(message: Buffer): Reply {
  const [name, after] = readName(message, 12);
  const reply: Reply = { code: (message[3] as number) & 15, truncated: ((message[2] as number) & 2) !== 0, name, answers: [], ttls: [] };
  for (let at = after + 4, left = message.readUInt16BE(6); left > 0; left--) {
    const start = readName(message, at)[1];
    const length = message.readUInt16BE(start + 8);
    const data = message.subarray(start + 10, start + 10 + length);
    const kind = message.readUInt16BE(start);
    reply.ttls.push(message.readUInt32BE(start + 4));
    reply.answers.push(kind === type.PTR ? readName(message, start + 10)[0] : shown(data));
    at = start + 10 + length;
  }
  return reply;
}

const shown = (data: Buffer) => formatAddress({ family: data.length === 4 ? 4 : 6, value: BigInt(`0x${data.toString("hex")}`) });

function readName(message: Buffer, at: number): [name: string, after: number] {
  const labels: string[] = [];
  for (let length = message[at] as number; length !== 0; length = message[at] as number) {
    if (length >= 192) return [[...labels, readName(message, message.readUInt16BE(at) & 0x3fff)[0]].join("."), at + 2];
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return [labels.join("."), at + 1];
}

/** Sends messages over UDP from one address and hands out what comes back. */
export class Asker implements AsyncDisposable {
  private readonly socket: Socket;
  private readonly server: string;

  private constructor(socket: Socket, server: string) {
    this.socket = socket;
    this.server = server;
  }

  static async open(from: string, server: string): Promise<Asker> {
    const socket = createSocket(from.includes(":") ? "udp6" : "udp4");
    socket.bind(0, from);
    await once(socket, "listening");
    return new Asker(socket, server);
  }

  send(message: Uint8Array): void {
    this.socket.send(message, 53, this.server);
  }

  onMessage(listener: (message: Buffer) => void): void {
    this.socket.on("message", listener);
  }

  async next(message: Uint8Array): Promise<Buffer> {
    const answer = once(this.socket, "message");
    this.send(message);
    return ((await answer) as [Buffer])[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await once(this.socket, "close");
  }
}

export async function askUdp(from: string, server: string, name: string, kind = type.A, options: { room?: number } = {}): Promise<Reply> {
  await using asker = await Asker.open(from, server);
  return readReply(await asker.next(question(name, kind, options)));
}

const framed = (message: Buffer) => Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]);

/** Whole messages of a stream: what is complete is taken from the front. */
function takeMessages(chunks: Buffer): { messages: Buffer[]; rest: Buffer } {
  const messages: Buffer[] = [];
  while (chunks.length >= 2 && chunks.length >= 2 + chunks.readUInt16BE(0)) {
    messages.push(chunks.subarray(2, 2 + chunks.readUInt16BE(0)));
    chunks = chunks.subarray(2 + chunks.readUInt16BE(0));
  }
  return { messages, rest: chunks };
}

/** Asks several questions over one connection, all at once. */
export function askTcp(from: string, server: string, questions: Buffer[]): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: server, port: 53, localAddress: from });
    const replies: Buffer[] = [];
    let rest: Buffer = Buffer.alloc(0);
    socket.on("error", reject);
    socket.on("close", () => resolve(replies));
    socket.on("data", (chunk) => {
      const taken = takeMessages(Buffer.concat([rest, chunk]));
      rest = taken.rest;
      replies.push(...taken.messages);
      if (replies.length === questions.length) socket.destroy();
    });
    socket.write(Buffer.concat(questions.map(framed)));
  });
}

export interface Outsider extends AsyncDisposable {
  /** What it was asked over UDP. */
  asked: Buffer[];
}

/** A reply with these addresses. */
export function replyWith(asked: Buffer, addresses: readonly string[], rcode = 0): Buffer {
  const head = Buffer.from(asked.subarray(0, 12));
  head.writeUInt16BE(0x8180 | rcode, 2);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt16BE(0, 10);
  const end = readName(asked, 12)[1] + 4;
  const records = addresses.map((address) => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split(".").map(Number)]));
  return Buffer.concat([head, asked.subarray(12, end), ...records]);
}

/** A server at an address of this machine. @param reply what it sends back, in this order */
export async function serveOutside(address: string, reply: (asked: Buffer, protocol: "udp" | "tcp") => Buffer[]): Promise<Outsider> {
  const asked: Buffer[] = [];
  const socket = createSocket("udp4", (message, from) => {
    asked.push(message);
    for (const each of reply(message, "udp")) socket.send(each, from.port, from.address);
  });
  socket.bind(53, address);
  await once(socket, "listening");
  const server: Server = createServer((client) => {
    let rest: Buffer = Buffer.alloc(0);
    client.on("error", () => {});
    client.on("data", (chunk) => {
      const taken = takeMessages(Buffer.concat([rest, chunk]));
      rest = taken.rest;
      for (const message of taken.messages) for (const each of reply(message, "tcp")) client.write(framed(each));
    });
  });
  server.listen(53, address);
  await once(server, "listening");
  return {
    asked,
    async [Symbol.asyncDispose]() {
      socket.close();
      server.close();
    },
  };
}
