/** When a context was made that came by HTTP: what SOURCE_DATE_EPOCH=context stands for. A repository's is in git.test.ts. */
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
