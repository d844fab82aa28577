/** Bytes to a client: what it has not taken yet stays as it is, and what it does not wait for is let go of. */
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { sendStream } from "../../../../engine/registry/server/streams.ts";
import { eventually } from "../../../support/eventually.ts";
import { startServer } from "./scene.ts";

test("a chunk is not asked for before the one before it is taken: they share their memory", async () => {
  const shared = Buffer.alloc(1);
  async function* input() {
    for (const letter of "abcdef") {
      shared.write(letter);
      yield shared;
    }
  }
  let seen = "";
  const output = new Writable({
    highWaterMark: 1 << 20,
    async write(chunk: Buffer, _, done) {
      for (let turn = 0; turn < 3; turn++) await setImmediate();
      seen += chunk.toString();
      done();
    },
  });
  await sendStream(input(), output, new AbortController().signal);
  await once(output, "finish");
  expect(seen).toBe("abcdef");
});

test("the server's end ends what a client does not take", async () => {
  const output = new Writable({ write: () => {} }); // never done
  const stop = new AbortController();
  let closed = false;
  async function* input() {
    try {
      yield Buffer.from("x");
    } finally {
      closed = true;
    }
  }
  const sending = sendStream(input(), output, stop.signal);
  stop.abort();
  await expect(sending).rejects.toThrow();
  expect(closed).toBe(true);
});

test("a client that goes in the middle leaves no open file", async () => {
  await using server = await startServer();
  const digest = await server.pushBlob("app", Buffer.alloc(32 << 20));
  const [host, port] = server.host.split(":");
  const clients = Array.from({ length: 5 }, () => connect(Number(port), host));
  for (const client of clients) {
    client.write(`GET /v2/app/blobs/${digest} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(client, "data");
    client.pause();
  }
  for (const client of clients) client.destroy();
  const open = () =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${server.root}/blobs`);
      } catch {
        return false; // closed meanwhile
      }
    });
  await eventually(() => expect([open(), server.access.filter(({ method }) => method === "GET")]).toMatchObject([[], { length: 5 }]));
});
