/** COPY and ADD beyond plain files: --exclude, --parents, --link, downloads, git repositories. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { tarOf } from "../../image/scene.ts";
import { buildProject, collect, createProject } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const dockerfile = (...lines: string[]) => ({ Dockerfile: `${lines.join("\n")}\n` });

describe("owners", () => {
  test("a name that the image does not know is root, and the step says so", async () => {
    using project = createProject({
      ...dockerfile(
        "FROM busybox",
        "USER nobodyknows",
        "WORKDIR /w/x",
        "COPY --chown=stranger:7 f /f",
        "USER 0",
        "RUN stat -c '%u:%g' /w/x /f",
      ),
      f: "",
    });
    const { output } = await buildProject(opened.engine, project);
    expect(output.trim().split("\n")).toEqual([
      expect.stringContaining('no user "nobodyknows" in the image\'s /etc/passwd'),
      expect.stringContaining('no user "stranger" in the image\'s /etc/passwd'),
      "0:0",
      "0:7",
    ]);
  });

  test("but a RUN as that user fails, and it is the step that failed", async () => {
    using project = createProject(dockerfile("FROM busybox", "USER nobodyknows", "RUN true"));
    const { end } = await collect(opened.engine, { context: project.directory });
    await expect(end).rejects.toMatchObject({
      code: "build-step",
      exit: 1,
      message: expect.stringContaining("unable to find user nobodyknows"),
    });
  });
});

test("a wildcard that matches nothing makes nothing", async () => {
  using project = createProject(dockerfile("FROM busybox", "COPY *.zip /made/", "RUN ls / | grep made || echo none"));
  expect((await buildProject(opened.engine, project)).output).toBe("none\n");
});

describe("ADD of an archive", () => {
  test("links in it, and below its directory, lead no higher than the directory", async () => {
    using project = createProject(
      dockerfile(
        "FROM busybox",
        "RUN mkdir -p /top /into/top && ln -s /top /into/there",
        "ADD links.tar /into/",
        "RUN cd / && find top into -type f | sort",
      ),
    );
    project.write(
      "links.tar",
      tarOf(
        { name: "up", type: "symlink", linkName: "../../top" },
        { name: "up/relative", content: "" },
        { name: "root", type: "symlink", linkName: "/top" },
        { name: "root/absolute", content: "" },
        { name: "there/before", content: "" },
        { name: "hard", type: "hardlink", linkName: "root/absolute" },
      ),
    );
    expect((await buildProject(opened.engine, project)).output.trim().split("\n")).toEqual([
      "into/hard",
      "into/top/absolute",
      "into/top/before",
      "into/top/relative",
    ]);
  });
});

test("directories on the way are 0755 and the owner's, whatever --chmod says", async () => {
  using project = createProject({
    ...dockerfile("FROM busybox", "COPY --chmod=600 --chown=5:6 file /a/b/", "RUN stat -c '%a %u:%g' /a /a/b /a/b/file"),
    file: "",
  });
  expect((await buildProject(opened.engine, project)).output).toBe("755 5:6\n755 5:6\n600 5:6\n");
});

describe("--exclude", () => {
  test("leaves files behind, by their path in a directory and by their own name", async () => {
    using project = createProject({
      ...dockerfile(
        "FROM busybox",
        "COPY --exclude=*.md --exclude=sub/skip dir /dir/",
        "COPY --exclude=b* dir/*.txt /names/",
        "RUN cd / && find dir names | sort",
      ),
      "dir/a.txt": "",
      "dir/b.txt": "",
      "dir/c.md": "",
      "dir/sub/skip/x": "",
      "dir/sub/keep": "",
    });
    const { output } = await buildProject(opened.engine, project);
    expect(output.trim().split("\n")).toEqual(["dir", "dir/a.txt", "dir/b.txt", "dir/sub", "dir/sub/keep", "names", "names/a.txt"]);
    project.write("dir/c.md", "changed, and nobody copies it");
    expect((await buildProject(opened.engine, project)).ran).toEqual([]);
  });

  test("an excluded set is no other set's cache", async () => {
    const from = "FROM scratch AS files\nCOPY dir /dir\nFROM busybox\n";
    using project = createProject({ Dockerfile: `${from}COPY --from=files --exclude=a dir /dir\nRUN ls /dir\n`, "dir/a": "", "dir/b": "" });
    expect((await buildProject(opened.engine, project)).output).toBe("b\n");
    project.write("Dockerfile", `${from}COPY --from=files --exclude=b dir /dir\nRUN ls /dir\n`);
    expect((await buildProject(opened.engine, project)).output).toBe("a\n");
  });
});

describe("--parents", () => {
  test("of a wildcard that matches nothing makes the destination", async () => {
    using project = createProject(
      dockerfile("FROM busybox", "COPY --parents --chown=5:6 none*/x /made/here", "RUN ls -A /made/here && stat -c '%a %u:%g' /made/here"),
    );
    expect((await buildProject(opened.engine, project)).output).toBe("755 5:6\n");
  });

  test("keeps the directories of a source, from the pivot on, with their modes", async () => {
    using project = createProject({
      ...dockerfile(
        "FROM busybox",
        "COPY --parents ./x/a.txt ./y/a.txt /parents/",
        "COPY --parents ./deep/./er/and/*.txt /pivot",
        "COPY --parents src/**/*.c /sources/",
        "COPY --parents y /whole/",
        "RUN cd / && find parents pivot sources whole -type f | sort && stat -c %a parents/x",
      ),
      "x/a.txt": "",
      "y/a.txt": "",
      "deep/er/and/here.txt": "",
      "src/one.c": "",
      "src/lib/two.c": "",
      "src/lib/two.h": "",
    });
    execFileSync("chmod", ["751", join(project.directory, "x")]);
    const { output } = await buildProject(opened.engine, project);
    expect(output.trim().split("\n")).toEqual([
      "parents/x/a.txt",
      "parents/y/a.txt",
      "pivot/er/and/here.txt",
      "sources/src/lib/two.c",
      "sources/src/one.c",
      "whole/y/a.txt",
      "751",
    ]);
  });
});

describe("--link", () => {
  const lines = (first: string) =>
    dockerfile("FROM busybox", `RUN echo ${first} > /base`, "COPY --link --chown=7:8 file /linked/", "RUN cat /linked/file");

  test("gives a layer that does not change with what is below it", async () => {
    using project = createProject({ ...lines("one"), file: "linked\n" });
    const first = await buildProject(opened.engine, project);
    expect(first.output).toBe("linked\n");
    project.write("Dockerfile", lines("two").Dockerfile);
    const second = await buildProject(opened.engine, project);
    expect(second.output).toBe("linked\n");
    expect(second.config.rootfs.diff_ids[1]).not.toBe(first.config.rootfs.diff_ids[1]);
    expect(second.config.rootfs.diff_ids[2]).toBe(first.config.rootfs.diff_ids[2]);
    expect((await buildProject(opened.engine, project)).ran).toEqual([]);
  });

  test("does not follow links of the base", async () => {
    using project = createProject({
      ...dockerfile(
        "FROM busybox",
        "RUN mkdir /real && ln -s /real /link",
        "COPY --link file /link/",
        "RUN test ! -L /link && ls /link /real",
      ),
      file: "",
    });
    expect((await buildProject(opened.engine, project)).output).toBe("/link:\nfile\n\n/real:\n");
  });

  test("looks a user's name up in the base", async () => {
    using project = createProject({
      ...dockerfile("FROM busybox", "COPY --link --chown=root file /x/", "RUN stat -c %u /x/file"),
      file: "",
    });
    expect((await buildProject(opened.engine, project)).output).toBe("0\n");
  });
});

describe("ADD from a server", () => {
  let server: Server;
  let base: string;
  let content = "first\n";
  const seen: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      const etag = `"${content.length}"`;
      const fresh = request.headers["if-none-match"] === etag;
      seen.push(`${request.url} ${fresh ? 304 : 200}`);
      if (request.url === "/missing") return response.writeHead(404).end();
      if (request.url === "/packed" && /gzip/.test(request.headers["accept-encoding"] ?? ""))
        return response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(content));
      if (request.url === "/damaged") return response.writeHead(200, { "content-encoding": "gzip" }).end("no gzip");
      response.writeHead(fresh ? 304 : 200, { etag, "last-modified": "Tue, 01 Nov 2022 10:00:00 GMT" }).end(fresh ? "" : content);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  test("fetches a file, keeps its time, and asks whether it changed", async () => {
    using project = createProject(
      dockerfile("FROM busybox", `ADD ${base}/dir/file.txt /got/`, "RUN stat -c '%a %Y' /got/file.txt && cat /got/file.txt"),
    );
    content = "first\n";
    expect((await buildProject(opened.engine, project)).output).toBe("600 1667296800\nfirst\n");
    seen.length = 0;
    expect((await buildProject(opened.engine, project)).ran).toEqual([]);
    expect(seen).toEqual(["/dir/file.txt 304"]);
    content = "second time\n";
    expect((await buildProject(opened.engine, project)).output).toBe("600 1667296800\nsecond time\n");
  });

  test("with a checksum an unchanged step needs no server, and other content is refused", async () => {
    content = "checked\n";
    const sum = createHash("sha256").update(content).digest("hex");
    using project = createProject(
      dockerfile("FROM busybox", `ADD --checksum=sha256:${sum} --chmod=644 ${base}/file /file`, "RUN cat /file"),
    );
    expect((await buildProject(opened.engine, project)).output).toBe("checked\n");
    seen.length = 0;
    expect((await buildProject(opened.engine, project)).ran).toEqual([]);
    expect(seen).toEqual([]);
    project.write("Dockerfile", `FROM busybox\nADD --checksum=sha256:${"0".repeat(64)} ${base}/file /file\n`);
    const { end } = await collect(opened.engine, { context: project.directory });
    await expect(end).rejects.toMatchObject({
      message: expect.stringContaining(`digest mismatch for ${base}/file: sha256:${sum}`),
      location: { line: 2 },
    });
  });

  test("is named by the last part of the path; what has none is called as BuildKit calls it", async () => {
    content = "named\n";
    using project = createProject(
      dockerfile(
        "FROM busybox",
        `ADD ${base} /none/`,
        `ADD ${base}/ /slash/`,
        `ADD ${base}/dir/ ${base}/a%20b%2fc?x=/y /some/`,
        `ADD ${base}/100% /odd/`,
        "RUN cd / && find none slash some odd -type f | sort",
      ),
    );
    expect((await buildProject(opened.engine, project)).output.split("\n").filter(Boolean)).toEqual([
      "none/__unnamed__",
      "odd/__unnamed__",
      "slash/__unnamed__",
      "some/c",
      "some/dir",
    ]);
  });

  test("what the server packed for the way is unpacked", async () => {
    content = "unpacked\n".repeat(1000);
    using project = createProject(dockerfile("FROM busybox", `ADD ${base}/packed /file`, "RUN sort -u /file && wc -c < /file"));
    expect((await buildProject(opened.engine, project)).output).toBe(`unpacked\n${content.length}\n`);
    project.write("Dockerfile", `FROM busybox\nADD ${base}/damaged /file\n`);
    const { end } = await collect(opened.engine, { context: project.directory });
    await expect(end).rejects.toMatchObject({ code: "archive", message: expect.stringContaining("cannot unpack the answer of") });
  });

  test("says what the server answered, at the instruction", async () => {
    using project = createProject(dockerfile("FROM busybox", `ADD ${base}/missing /x`));
    const { end } = await collect(opened.engine, { context: project.directory });
    await expect(end).rejects.toMatchObject({
      message: `cannot fetch "${base}/missing": the server answers with status 404`,
      location: { line: 2 },
    });
  });
});

test.each([
  ["https://example.org/file", "URL"],
  ["git@example.org:a/b.git", "git ref"],
  ["https://example.org/a.git#main", "git ref"],
])("COPY %s is ADD's business", async (source, kind) => {
  using project = createProject(dockerfile("FROM busybox", `COPY ${source} /x`));
  const { end } = await collect(opened.engine, { context: project.directory });
  await expect(end).rejects.toMatchObject({ message: `source can't be a ${kind} for COPY`, location: { line: 2, column: 6 } });
});
