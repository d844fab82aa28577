/** A connection carried by a call: bytes each way, as BuildKit forwards SSH agents, and sessions for who has no other way. */
import { Duplex, Readable, Writable } from "node:stream";
import type { GrpcStream } from "../../http/grpc-stream.ts";
import { bytesMessage } from "./messages.ts";

/** Resolves when one of them is over. @param open begins the call */
export async function forwardTo(connection: Duplex, open: () => GrpcStream): Promise<void> {
  try {
    const call = open();
    connection.once("close", () => call.close());
    await Promise.all([send(connection, call), receive(connection, call)]);
  } catch {
    // Gone: who asked the agent sees its connection end.
  } finally {
    connection.destroy();
  }
}

/** The connection that a caller has put into its call. */
export function connectionIn(call: GrpcStream): Duplex {
  const readable = Readable.from(dataOf(call), { objectMode: false });
  const writable = new Writable({
    write: (data: Buffer, _encoding, done) => void call.send(bytesMessage.encode({ data })).then(() => done(), done),
  });
  return Duplex.from({ readable, writable }).on("error", () => {}); // who reads it is told
}

async function* dataOf(call: GrpcStream): AsyncGenerator<Uint8Array> {
  for await (const message of call.messages()) yield bytesMessage.decode(message).data;
}

async function send(connection: Duplex, call: GrpcStream): Promise<void> {
  for await (const data of connection as AsyncIterable<Buffer>) await call.send(bytesMessage.encode({ data }));
  call.end();
}

async function receive(connection: Duplex, call: GrpcStream): Promise<void> {
  for await (const data of dataOf(call))
    if (!connection.write(data)) await new Promise((resolve) => connection.once("drain", resolve).once("close", resolve));
  connection.end();
}
