/** When a context or a source was made that came by HTTP: what SOURCE_DATE_EPOCH=context, or a stage's name, stands for. A repository's is in git.test.ts. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, utimesSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { collect, createProject, outputOf } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(() => opened[Symbol.asyncDispose]());

test("SOURCE_DATE_EPOCH=context is when the server says it changed, or when the latest file of its archive did", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nARG SOURCE_DATE_EPOCH\nRUN echo at $SOURCE_DATE_EPOCH\n", "d/file": "" });
  const seconds = { Dockerfile: 1700000001, "d/file": 1700000302, d: 1700000003 };
  for (const [name, time] of Object.entries(seconds)) utimesSync(join(project.directory, name), time, time);
  const archive = execFileSync("tar", ["-c", "Dockerfile", "d"], { cwd: project.directory });
  const server = createServer((request, response) => {
    if (request.url === "/dated.tar") response.setHeader("last-modified", new Date(1700000201_000).toUTCString());
    response.end(request.url === "/Dockerfile" ? readFileSync(join(project.directory, "Dockerfile")) : archive);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const said = async (path: string) => {
      const { events, end } = await collect(opened.engine, { context: base + path, buildArgs: { SOURCE_DATE_EPOCH: "context" } });
      const { Created } = await opened.engine.images.inspect((await end).ImageID ?? "");
      return [outputOf(events), Date.parse(Created) / 1000];
    };
    expect(await said("/dated.tar")).toEqual(["at 1700000201\n", 1700000201]);
    expect(await said("/archive.tar")).toEqual(["at 1700000302\n", 1700000302]);
    expect((await said("/Dockerfile"))[0]).toBe("at\n"); // nothing tells its time
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("SOURCE_DATE_EPOCH of a stage's name is when what it fetches was made, of a context's name when that was", async () => {
  using project = createProject({ file: "" });
  utimesSync(join(project.directory, "file"), 1700000402, 1700000402);
  const archive = execFileSync("tar", ["-c", "file"], { cwd: project.directory });
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/dated")) response.setHeader("last-modified", new Date(1700000501_000).toUTCString());
    response.end(request.url?.endsWith(".tar") ? archive : Buffer.alloc(20 << 20, "no archive"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const said = async (add: string, more: object = {}) => {
      const dockerfile = `ARG SOURCE_DATE_EPOCH=src\nFROM scratch AS src\n${add}\nFROM busybox\nARG SOURCE_DATE_EPOCH\nRUN echo at $SOURCE_DATE_EPOCH\n`;
      const { events, end } = await collect(opened.engine, { context: project.directory, dockerfile, noCache: true, ...more });
      const { Created } = await opened.engine.images.inspect((await end).ImageID ?? "");
      return [outputOf(events), Date.parse(Created) / 1000];
    };
    expect(await said(`ADD ${base}/archive.tar /`)).toEqual(["at 1700000402\n", 1700000402]);
    expect(await said(`ADD ${base}/dated.tar /`)).toEqual(["at 1700000501\n", 1700000501]);
    expect(await said(`ADD ${base}/dated /`)).toEqual(["at 1700000501\n", 1700000501]);
    expect((await said(`ADD ${base}/no-archive /`))[0]).toBe("at\n"); // nothing tells its time
    const wrong = `sha256:${"0".repeat(64)}`;
    await expect(said(`ADD --checksum=${wrong} ${base}/dated.tar /`)).rejects.toThrow(`expected ${wrong}`);
    const named = { buildContexts: { src: `${base}/archive.tar` } };
    expect(await said(`ADD ${base}/dated.tar /`, named)).toEqual(["at 1700000402\n", 1700000402]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
