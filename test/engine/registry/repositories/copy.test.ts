/** Copies between repositories: byte for byte, with what belongs to them, without sending what is there, and on after a break. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ProgressEvent } from "../../../../engine/events.ts";
import { hostPlatform } from "../../../../engine/platform.ts";
import { findProgram } from "../../../../engine/process/spawn.ts";
import { copyRemote } from "../../../../engine/registry/repositories/index.ts";
import { attesting, everythingOf, publish, publishArtifact, published, publishIndex } from "../../../support/published.ts";
import { startDockerRegistry, type TestRegistry } from "../../../support/registry.ts";
import { layerOf } from "../../image/shelf.ts";
import { openGate } from "../gate.ts";
import { startServer } from "../server/scene.ts";

const kinds: Record<string, { start: () => Promise<TestRegistry>; program?: string }> = {
  "docker-registry, which lists no referrers": { start: startDockerRegistry, program: "docker-registry" },
  "berth registry serve": { start: startServer },
};
const { architecture } = hostPlatform();

async function run<T>(operation: AsyncGenerator<ProgressEvent, T>): Promise<{ result: T; texts: string[]; states: string[] }> {
  const [texts, states]: [string[], string[]] = [[], []];
  for (;;) {
    const { done, value } = await operation.next();
    if (done) return { result: value, texts, states };
    if (value.type === "message" || value.type === "warning") texts.push(value.text);
    if (value.type === "transfer" && value.done) states.push(value.status);
  }
}

describe.each(Object.keys(kinds))("to %s", (kind) => {
  const { start, program } = kinds[kind]!;
  let from: TestRegistry;
  let to: TestRegistry;
  let source: string;
  let target: string;
  beforeEach(async (context) => {
    if (program !== undefined && !findProgram(program)) context.skip(`needs the program ${program}`);
    [from, to] = [await startServer(), await start()];
    source = `${from.host}/team/app`;
    target = `${to.host}/mirror/app`;
  });
  afterEach(async () => {
    for (const each of [from, to]) await each?.[Symbol.asyncDispose]();
  });

  async function publishAll() {
    const here = await publish(`${source}:here`, [layerOf("base"), layerOf("top")], { architecture });
    const other = await publish(`${source}:other`, [layerOf("base"), layerOf("other")], { architecture: "s390x" });
    const attestation = await publishArtifact(source, "provenance");
    const signature = await publishArtifact(source, "signed", { subject: other.descriptor });
    const countersigned = await publishArtifact(source, "signed again", { subject: signature });
    const digest = await publishIndex(`${source}:1`, [other.descriptor, here.descriptor, attesting(attestation, here.descriptor)]);
    const cosign = `${digest.replace(":", "-")}.sig`;
    await publish(`${source}:${cosign}`, [layerOf("cosign")]);
    return { digest, here, other, signature, countersigned, cosign };
  }

  test("an index goes whole and unchanged, and what refers to it on demand", async () => {
    const { digest, signature, countersigned, cosign } = await publishAll();
    const { result, texts, states } = await run(copyRemote(`${source}:1`, target));
    expect(result).toEqual([{ Reference: `${target}:1`, Digest: digest }]);
    expect(texts.at(-1)).toMatch(`1: digest: ${digest} size: `);
    expect(new Set(states)).toEqual(new Set(["Copied"]));
    expect((await published(`${target}:1`)).text).toBe((await published(`${source}:1`)).text);
    const plain = await everythingOf(`${target}:1`);
    expect([signature.digest in plain, countersigned.digest in plain]).toEqual([false, false]);
    await run(copyRemote(`${source}:1`, `${target}:1`, { referrers: true }));
    expect(await everythingOf(`${target}:1`)).toEqual(await everythingOf(`${source}:1`));
    expect((await published(`${target}:${cosign}`)).text).toBe((await published(`${source}:${cosign}`)).text);
  });

  test("of one platform only that manifest goes", async () => {
    const { other, here } = await publishAll();
    const { result } = await run(copyRemote(`${source}:1`, `${target}:small`, { platform: "linux/s390x" }));
    expect(result[0]?.Digest).toBe(other.digest);
    expect((await published(`${target}:small`)).text).toBe(other.text);
    expect(Object.keys(await everythingOf(`${target}:small`))).not.toContain(here.digest);
  });

  test("a digest goes without a tag, and all tags go with -a", async () => {
    const { here, cosign } = await publishAll();
    const { result } = await run(copyRemote(`${source}@${here.digest}`, target));
    expect(result).toEqual([{ Reference: `${target}@${here.digest}`, Digest: here.digest }]);
    const copied = (await run(copyRemote(source, target, { allTags: true }))).result;
    expect(copied.map(({ Reference }) => Reference).sort()).toEqual(["1", "here", "other", cosign].map((tag) => `${target}:${tag}`).sort());
  });

  test("within a registry blobs are mounted, and what is there is not sent again", async () => {
    const near = `${to.host}/other/app`;
    await publish(`${near}:1`, [layerOf("base")]);
    expect((await run(copyRemote(`${near}:1`, target))).states).toEqual([`Mounted from ${near}`, `Mounted from ${near}`]);
    expect((await run(copyRemote(`${near}:1`, `${target}:2`))).states).toEqual([]); // the manifest is there, so all is
    await publish(`${near}:3`, [layerOf("base"), layerOf("more")]);
    expect((await run(copyRemote(`${near}:3`, target))).states).toContain("Layer already exists");
    expect(to.log()).not.toMatch(/PATCH \/v2\/mirror/);
  });
});

describe("what goes wrong", () => {
  let from: Awaited<ReturnType<typeof startServer>>;
  beforeEach(async () => {
    from = await startServer();
  });
  afterEach(() => from[Symbol.asyncDispose]());

  test("a copy to a digest, or of all tags of one, is refused", async () => {
    const at = `@sha256:${"0".repeat(64)}`;
    await expect(run(copyRemote("a/b:1", `c/d${at}`))).rejects.toThrow("what is copied keeps its own digest");
    await expect(run(copyRemote("a/b:1", "c/d", { allTags: true }))).rejects.toThrow("one is named already");
    await expect(run(copyRemote("a/b", "c/d:1", { allTags: true }))).rejects.toThrow("one is named already");
  });

  test("bytes that are not what they should be come to nothing", async () => {
    await publish(`${from.host}/app:1`, [randomBytes(64 << 10)]);
    await using gate = await openGate(from.host, { corruptOver: 1000 });
    await using to = await startServer();
    await expect(run(copyRemote(`${gate.host}/app:1`, `${to.host}/app`))).rejects.toMatchObject({ code: "corrupt" });
    expect((await to.call("GET", "/v2/app/manifests/1")).status).toBe(404);
  });

  test("a download that breaks goes on where it was, and so does an upload", async () => {
    const layer = randomBytes(3 << 20);
    await publish(`${from.host}/app:1`, [layer], { plain: true });
    await using gate = await openGate(from.host, { breakAfter: { 1: 1_200_000, 2: 1_200_000 } });
    await using target = await tearing(1 << 20);
    await run(copyRemote(`${gate.host}/app:1`, `${target.host}/app:1`));
    expect(target.blobs.get(`sha256:${createHash("sha256").update(layer).digest("hex")}`)?.equals(layer)).toBe(true);
    expect(target.ranges).toEqual([undefined, undefined, expect.stringMatching(/^\d+-3145727$/)]);
  });
});

/** A registry that breaks the first upload of anything large after some bytes, keeps those, and takes what follows. */
async function tearing(after: number) {
  const uploads = new Map<string, Buffer>();
  const blobs = new Map<string, Buffer>();
  const ranges: (string | undefined)[] = [];
  let isTorn = false;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://x");
    if (request.method === "POST") {
      const id = String(uploads.size);
      uploads.set(id, Buffer.alloc(0));
      return response.writeHead(202, { location: `${url.pathname}${id}` }).end();
    }
    const id = url.pathname.split("/").at(-1) ?? "";
    const kept = uploads.get(id);
    if (request.method === "PATCH" && kept) {
      ranges.push(request.headers["content-range"]);
      const start = Number(request.headers["content-range"]?.split("-")[0] ?? 0);
      if (start !== kept.length) return response.writeHead(416).end();
      const parts = [kept];
      for await (const chunk of request) {
        parts.push(chunk);
        const length = parts.reduce((sum, part) => sum + part.length, 0);
        if (isTorn || length < after) continue;
        isTorn = true;
        uploads.set(id, Buffer.concat(parts));
        return request.destroy();
      }
      uploads.set(id, Buffer.concat(parts));
      return response.writeHead(202, { location: url.pathname }).end();
    }
    if (request.method === "GET" && kept) return response.writeHead(204, { location: url.pathname, range: `0-${kept.length - 1}` }).end();
    if (request.method === "PUT" && kept) blobs.set(url.searchParams.get("digest") ?? "", kept);
    if (request.method === "PUT") return response.writeHead(201).end();
    return response.writeHead(request.url === "/v2/" ? 200 : 404).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    ...{ host: `127.0.0.1:${(server.address() as { port: number }).port}`, blobs, ranges },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
