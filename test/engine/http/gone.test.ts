/** An answer whose connection has ended and does not say so yet: Node calls nobody back for what is written to it then. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, test } from "vitest";
import { sendStream } from "../../../engine/registry/server/streams.ts";
import { deliver } from "../../../engine/serve/frames.ts";

/** What becomes of what an answer is given just after its connection has ended. */
async function afterTheEnd(write: (response: ServerResponse) => Promise<unknown>): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    response.on("error", () => {});
    response.writeHead(200, { "Content-Length": "1000" }).flushHeaders();
    request.socket.destroy();
    void write(response).then(
      () => resolve("resolved"),
      () => resolve("rejected"),
    );
  }).listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => {});
    client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return await promise;
  } finally {
    server.close();
  }
}

test("a blob's transfer breaks off", async () => {
  async function* chunks() {
    yield Buffer.from("some");
    yield Buffer.from("more");
  }
  const gone = new AbortController();
  const sending = (response: ServerResponse) => {
    response.once("close", () => gone.abort());
    return sendStream(chunks(), response, gone.signal);
  };
  expect(await afterTheEnd(sending)).toBe("rejected");
});

test("what is delivered is let go of", async () => {
  expect(await afterTheEnd((response) => deliver(response, Buffer.from("x")))).toBe("resolved");
});
