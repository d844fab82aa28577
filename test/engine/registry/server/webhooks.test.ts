/** Others are told what happens, in distribution's envelope, without anybody waiting for them. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { type WebhookRule, Webhooks } from "../../../../engine/registry/server/events/webhooks.ts";
import { eventually } from "../../../support/eventually.ts";
import { digestOf, pushImage, startServer, types } from "./scene.ts";

interface Heard {
  headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: tests look at shapes that no type describes
  event: any;
}

/** Somebody who is told. @param answer in place of 200 */
async function startListener(answer: (response: ServerResponse, at: number) => void = (response) => response.writeHead(200).end()) {
  const heard: Heard[] = [];
  let count = 0;
  const server = createServer(async (request, response) => {
    const at = count++;
    heard.push({ headers: request.headers, event: JSON.parse(await text(request)).events[0] });
    answer(response, at);
  }).listen(0, "127.0.0.1");
  await eventually(() => expect(server.listening).toBe(true));
  const url = new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}/hook?key=value`);
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, heard, [Symbol.asyncDispose]: close };
}

const times = { firstPause: 1, longestPause: 4, patience: 5000 };

/** A registry that tells, and what it could not. */
async function startTelling(rules: WebhookRule[], patience = times.patience) {
  const lost: string[] = [];
  const webhooks = new Webhooks(rules, (line) => lost.push(line), { ...times, patience });
  const server = await startServer({ server: { webhooks } });
  const close = async () => {
    await server[Symbol.asyncDispose]();
    await webhooks[Symbol.asyncDispose]();
  };
  return { ...server, webhooks, lost, [Symbol.asyncDispose]: close };
}

test("pushes, pulls and deletions are told, in their order", async () => {
  await using listener = await startListener();
  await using server = await startTelling([{ url: listener.url, headers: { Authorization: "Bearer s3cret" } }]);
  const { digest, layer, config, size } = await pushImage(server, "team/app", "1");
  await server.call("POST", `/v2/other/blobs/uploads/?mount=${layer}&from=team/app`);
  await server.call("GET", "/v2/team/app/manifests/1", undefined, { "user-agent": "test/1" });
  await server.call("HEAD", "/v2/team/app/manifests/1");
  await server.call("GET", `/v2/team/app/blobs/${config}`);
  await server.call("GET", "/v2/team/app/manifests/none");
  await server.call("DELETE", "/v2/team/app/manifests/1");
  await server.call("DELETE", `/v2/team/app/manifests/${digest}`);
  await server.call("DELETE", `/v2/other/blobs/${layer}`);
  await eventually(() => expect(listener.heard).toHaveLength(9));
  const blob = { mediaType: "application/octet-stream", repository: "team/app" };
  expect(listener.heard.map(({ event: { action, target } }) => ({ action, ...target }))).toMatchObject([
    { action: "push", ...blob, digest: config },
    { action: "push", ...blob, digest: layer, size: 10, length: 10, url: `http://${server.host}/v2/team/app/blobs/${layer}` },
    { action: "push", mediaType: types.manifest, digest, size, tag: "1", url: `http://${server.host}/v2/team/app/manifests/${digest}` },
    { action: "mount", repository: "other", fromRepository: "team/app", digest: layer },
    { action: "pull", mediaType: types.manifest, digest, size, tag: "1" },
    { action: "pull", ...blob, digest: config },
    { action: "delete", repository: "team/app", tag: "1" },
    { action: "delete", repository: "team/app", digest },
    { action: "delete", repository: "other", digest: layer },
  ]);
  const { headers, event } = listener.heard[4]!;
  expect([headers["content-type"], headers.authorization]).toEqual(["application/vnd.docker.distribution.events.v2+json", "Bearer s3cret"]);
  expect(event.request).toMatchObject({ addr: "127.0.0.1", host: server.host, method: "GET", useragent: "test/1" });
  expect(new Set(listener.heard.map((each) => each.event.id)).size).toBe(9);
  expect(new Date(event.timestamp).toISOString()).toBe(event.timestamp);
});

test("of what nobody asked for nothing is told", async () => {
  await using listener = await startListener();
  await using server = await startTelling([
    { url: listener.url, events: ["delete"], repositories: ["team/*"] },
    { url: listener.url, events: ["push"], repositories: ["other"] },
  ]);
  await pushImage(server, "team/app", "1");
  await server.call("DELETE", "/v2/team/app/manifests/1");
  await server.pushBlob("other", "x");
  await eventually(() => expect(listener.heard).toHaveLength(2));
  expect(listener.heard.map(({ event }) => `${event.action} ${event.target.repository}`).toSorted()).toEqual([
    "delete team/app",
    "push other",
  ]);
});

test("who does not hear is told again, and nobody waits for that", async () => {
  await using listener = await startListener((response, at) => {
    if (at === 0) response.writeHead(500).end();
    else if (at === 1) response.destroy();
    else if (at === 2) response.writeHead(302, { location: "/elsewhere" }).end();
    else response.writeHead(204).end();
  });
  await using server = await startTelling([{ url: listener.url }]);
  await server.pushBlob("app", "one");
  await server.pushBlob("app", "two");
  await eventually(() => expect(listener.heard).toHaveLength(5));
  expect(listener.heard.map(({ event }) => event.target.digest)).toEqual([
    ...Array.from({ length: 4 }, () => digestOf("one")),
    digestOf("two"),
  ]);
  expect(server.lost).toEqual([]);
});

test("what is never heard is forgotten in the end, once said, and without its secrets", async () => {
  await using listener = await startListener((response) => response.writeHead(503).end());
  await using server = await startTelling([{ url: listener.url, headers: { Authorization: "Bearer s3cret" } }]);
  for (const each of ["one", "two"]) await server.pushBlob("app", each);
  await eventually(() => expect(listener.heard.at(-1)?.event.target.digest).toBe(digestOf("two")));
  await eventually(() => expect(server.lost).toEqual([`events for ${listener.url.origin} are lost: it answers 503`]));
});

test("one that takes them too slowly loses the oldest; pushes and the end of the registry do not wait", async () => {
  await using silent = await startListener(() => {});
  {
    await using server = await startTelling([{ url: silent.url, timeout: 3_600_000 }], 1);
    for (let at = 0; at < 1100; at++)
      server.webhooks.tell(
        { action: "push", kind: "blobs" },
        { repository: "app", remote: "", scheme: "http", host: "", method: "", userAgent: "" },
      );
    await server.pushBlob("app", "two");
    expect(server.lost).toEqual([`events for ${silent.url.origin} are lost: it takes them too slowly`]);
  }
  expect(silent.heard.length).toBeLessThanOrEqual(1);
});
