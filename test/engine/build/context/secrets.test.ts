/** Secrets as credentials of what a build fetches. */

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gitAuthorization, httpAuthorization } from "../../../../engine/build/context/secrets.ts";
import type { BuildOptions } from "../../../../engine/index.ts";
import { importBusybox, openTestEngine } from "../../../support/engine.ts";
import { buildProject, createProject } from "../project.ts";

/** Options with secrets of these values, from files. */
function given(directory: string, values: Record<string, string>): BuildOptions {
  const secrets = Object.entries(values).map(([id, value], at) => {
    const file = join(directory, `secret-${at}`);
    writeFileSync(file, value);
    return { id, file };
  });
  return { context: directory, secrets };
}

test("git is told by its environment, for that server alone", async () => {
  using project = createProject({});
  const of = (values: Record<string, string>, address = "https://git.example.org:8443/a/b.git") =>
    gitAuthorization(given(project.directory, values), address);
  const basic = (token: string) => `Authorization: basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
  expect(await of({})).toEqual({});
  expect(await of({ GIT_AUTH_TOKEN: "t" })).toEqual({
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.https://git.example.org:8443/.extraheader",
    GIT_CONFIG_VALUE_0: basic("t"),
  });
  expect(await of({ GIT_AUTH_TOKEN: "t", "GIT_AUTH_TOKEN.git.example.org:8443": "own" })).toMatchObject({
    GIT_CONFIG_VALUE_0: basic("own"),
  });
  expect(await of({ GIT_AUTH_HEADER: "Custom x" })).toMatchObject({ GIT_CONFIG_VALUE_0: "Authorization: Custom x" });
  expect(await of({ GIT_AUTH_TOKEN: "t" }, "ssh://git@example.org/a.git")).toEqual({});
  await expect(of({ GIT_AUTH_TOKEN: "t\n" })).rejects.toThrow('cannot use secret "GIT_AUTH_TOKEN": a header has one line');
});

test("ADD says to a server what its secret says, and to no other", async () => {
  await using opened = openTestEngine();
  await importBusybox(opened.engine);
  const server = createServer((request, response) => {
    if (request.headers.authorization === "Bearer open sesame") response.end("treasure");
    else response.writeHead(401).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    using project = createProject({ Dockerfile: `FROM busybox\nADD http://127.0.0.1:${port}/f /f\nRUN cat /f\n` });
    const { secrets = [] } = given(project.directory, { "HTTP_AUTH_TOKEN_127.0.0.1": "open sesame" });
    expect((await buildProject(opened.engine, project, { secrets })).output).toBe("treasure");
    expect(await httpAuthorization({ context: "", secrets }, "http://localhost/f")).toEqual({});
    expect(await httpAuthorization(given(project.directory, { HTTP_AUTH_HEADER_localhost: "Basic x" }), "http://localhost/f")).toEqual({
      authorization: "Basic x",
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
