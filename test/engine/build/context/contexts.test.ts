/** Where a context can come from: tar streams, a URL, further directories and images by name. */

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openView } from "../../../../engine/build/workspace/workspace.ts";
import type { House } from "../../../../engine/house.ts";
import { resolveImage } from "../../../../engine/image/store/resolve.ts";
import { makeNode } from "../../../../engine/sys/files.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { buildProject, collect, createProject, outputOf, type Project } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const tarOf = (project: Project, ...args: string[]) => execFileSync("tar", ["-c", ...args, "."], { cwd: project.directory });

/** Paths of all that an image holds, in order. */
async function filesOf(engine: House, id: string): Promise<string[]> {
  const image = resolveImage(engine, id);
  await using view = await openView(engine, image?.chainId ?? "");
  return readdirSync(view.root, { recursive: true }).map(String).sort();
}

/** Nothing that was received outlives its build. */
function received(): string[] {
  return readdirSync(join(opened.root, "build", "steps"));
}

describe("a tar on standard input", () => {
  test.each([
    ["plain", []],
    ["gzip", ["-z"]],
    ["bzip2", ["-j"]],
    ["xz", ["-J"]],
    ["zstd", ["--zstd"]],
  ])("%s is the whole context, its .dockerignore too", async (_name, args) => {
    using project = createProject({
      Dockerfile: "FROM busybox\nCOPY . /x/\nRUN ls /x\n",
      ".dockerignore": "hidden\nDockerfile\n.dockerignore",
      hidden: "",
      shown: "",
    });
    const { events, end } = await collect(opened.engine, { context: "-", stdin: Readable.from([tarOf(project, ...args)]), noCache: true });
    await end;
    expect(outputOf(events)).toBe("shown\n");
    expect(received()).toEqual([]);
  });

  test("arrives in pieces of any size, and -f names a file of it", async () => {
    using project = createProject({ "docker/Other": "FROM busybox\nCOPY file /\nRUN cat /file\n", file: "pieces\n" });
    const bytes = tarOf(project);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 100) }, (_, at) => bytes.subarray(at * 100, at * 100 + 100));
    const { events, end } = await collect(opened.engine, { context: "-", file: "docker/Other", stdin: Readable.from(pieces) });
    await end;
    expect(outputOf(events)).toBe("pieces\n");
  });

  test("a damaged one is refused and leaves nothing", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\n", big: "x".repeat(100_000) });
    const half = tarOf(project).subarray(0, 20_000);
    const { end } = await collect(opened.engine, { context: "-", stdin: Readable.from([half]) });
    await expect(end).rejects.toMatchObject({ code: "archive" });
    expect(received()).toEqual([]);
  });

  test("links in it lead nowhere else", async () => {
    using project = createProject({ file: "" });
    symlinkSync("/etc/hostname", join(project.directory, "Dockerfile"));
    const { end } = await collect(opened.engine, { context: "-", stdin: Readable.from([tarOf(project)]) });
    await expect(end).rejects.toMatchObject({ code: "not-found", message: 'cannot read Dockerfile "Dockerfile": no such file' });
  });
});

describe("a Dockerfile on standard input", () => {
  test("alone has an empty context: a wildcard finds nothing, not even the Dockerfile", async () => {
    const lines = "FROM busybox\nCOPY * /none/\nCOPY . /all/\nRUN ls -A /all; ls /none 2>&1 || true\n";
    const { events, end } = await collect(opened.engine, { context: "-", stdin: Readable.from([lines]) });
    await end;
    expect(outputOf(events)).toBe("ls: /none: No such file or directory\n");
    expect(received()).toEqual([]);
    const missing = await collect(opened.engine, { context: "-", stdin: Readable.from(["FROM busybox\nCOPY x /\n"]) });
    await expect(missing.end).rejects.toMatchObject({
      message: '"/x": not found',
      hint: expect.stringContaining("the Dockerfile came alone"),
      location: { line: 2 },
    });
  });

  test("with -f - uses the directory", async () => {
    using project = createProject({ file: "from the directory\n" });
    const { output } = await buildProject(opened.engine, project, {
      file: "-",
      stdin: Readable.from(["FROM busybox\nCOPY file /\nRUN cat /file\n"]),
    });
    expect(output).toBe("from the directory\n");
  });
});

describe("a dockerfile in lower case", () => {
  const lower = { dockerfile: "FROM busybox\nRUN echo lower\n" };

  test.each<[string, Record<string, string>, string | undefined]>([
    ["by default", lower, undefined],
    ["named with a capital", { "sub/dockerfile": lower.dockerfile }, "sub/Dockerfile"],
  ])("is found %s, in a directory and in an archive", async (_, files, file) => {
    using project = createProject(files);
    const named = file === undefined ? {} : { file };
    expect((await buildProject(opened.engine, project, { ...named, cwd: project.directory, noCache: true })).output).toBe("lower\n");
    const { events, end } = await collect(opened.engine, { context: "-", stdin: Readable.from([tarOf(project)]), noCache: true, ...named });
    await end;
    expect(outputOf(events)).toBe("lower\n");
  });

  test("is not taken where there is the usual one", async () => {
    using project = createProject({ ...lower, Dockerfile: "FROM busybox\nRUN echo usual\n" });
    expect((await buildProject(opened.engine, project)).output).toBe("usual\n");
  });
});

describe("what is read by name is a file, and has an end", () => {
  const build = "FROM busybox\nCOPY . /x/\n";
  const refusal = async (project: Project, options: object = {}) => {
    const { end } = await collect(opened.engine, { context: project.directory, ...options });
    return end.then(
      () => undefined,
      (error: Error) => error.message.replaceAll(project.directory, "DIR"),
    );
  };

  test.each(["Dockerfile", ".dockerignore"])("%s", async (name) => {
    const spoils: [spoil: (file: string) => void, why: string][] = [
      [(file) => makeNode(file, 0o010666), "it is no regular file"],
      [(file) => symlinkSync("/dev/zero", file), "it is no regular file"],
      [(file) => truncateSync(file, 2 ** 34), "it is larger than 16 MB"],
    ];
    for (const [spoil, why] of spoils) {
      using project = createProject({ Dockerfile: build, ".dockerignore": "" });
      const file = join(project.directory, name);
      if (!spoil.toString().includes("truncate")) rmSync(file);
      spoil(file);
      expect(await refusal(project)).toMatch(new RegExp(`^cannot read .*${name}": ${why}$`));
    }
  });

  test("a Dockerfile that the user names may be a pipe", async () => {
    using project = createProject({});
    const pipe = join(project.directory, "pipe");
    makeNode(pipe, 0o010666);
    const writer = spawn("sh", ["-c", 'printf "FROM busybox\nRUN echo piped\n" > "$0"', pipe]);
    const { output } = await buildProject(opened.engine, project, { file: pipe });
    if (writer.exitCode === null) await once(writer, "exit");
    expect(output).toBe("piped\n");
  });
});

test("a URL of an archive or of a Dockerfile is a context", async () => {
  using project = createProject({ Dockerfile: "FROM busybox\nCOPY file /\nRUN cat /file\n", file: "by http\n" });
  const answers: Record<string, Buffer> = {
    "/context.tar.gz": tarOf(project, "-z"),
    "/Dockerfile": Buffer.from("FROM busybox\nRUN echo alone\n"),
  };
  const server = createServer((request, response) => response.end(answers[request.url ?? ""])).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const [path, text] of [
      ["/context.tar.gz", "by http\n"],
      ["/Dockerfile", "alone\n"],
    ]) {
      const { events, end } = await collect(opened.engine, { context: base + path });
      await end;
      expect(outputOf(events)).toBe(text);
    }
    // With -f, it is the Dockerfile of another context.
    using other = createProject({ file: "" });
    expect((await buildProject(opened.engine, other, { file: `${base}/Dockerfile`, noCache: true })).output).toBe("alone\n");
    answers["/Dockerfile"] = Buffer.alloc((16 << 20) + 1, "#");
    const { end } = await collect(opened.engine, { context: other.directory, file: `${base}/Dockerfile` });
    await expect(end).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("larger than 16 MB") });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

describe("named contexts", () => {
  test("docker-image://scratch is nothing, to copy from and to begin with; scratch itself is never another", async () => {
    using project = createProject({
      Dockerfile: "FROM base AS empty\nCOPY one /\nFROM scratch\nCOPY --from=base / /\nCOPY --from=empty /one /\n",
      one: "",
    });
    const buildContexts = { base: "docker-image://scratch", scratch: "docker-image://busybox" };
    const { result } = await buildProject(opened.engine, project, { buildContexts });
    expect(await filesOf(opened.engine, result.ImageID ?? "")).toEqual(["one"]);
  });

  test("a directory gives files to COPY --from and RUN --mount, less what its .dockerignore leaves out", async () => {
    using project = createProject({
      Dockerfile: "FROM busybox\nCOPY --from=More . /more/\nRUN --mount=type=bind,from=more,target=/bound ls /more /bound\n",
    });
    using more = createProject({ ".dockerignore": "*\n!kept", kept: "one", other: "" });
    const first = await buildProject(opened.engine, project, { buildContexts: { more: more.directory } });
    expect(first.output).toBe("/bound:\nkept\n\n/more:\nkept\n");
    more.write("other", "still ignored");
    expect((await buildProject(opened.engine, project, { buildContexts: { more: more.directory } })).ran).toEqual([]);
    more.write("kept", "two");
    expect((await buildProject(opened.engine, project, { buildContexts: { more: more.directory } })).ran).toHaveLength(2);
  });

  test("an image stands in for a base, a stage or a source", async () => {
    using project = createProject({
      Dockerfile:
        "FROM docker.io/library/absent:latest AS base\nRUN false\nFROM absent\nCOPY --from=base /bin/busybox /copied\nRUN ls /copied\n",
    });
    const buildContexts = { absent: "docker-image://busybox", base: "docker-image://busybox:latest" };
    expect((await buildProject(opened.engine, project, { buildContexts })).output).toBe("/copied\n");
  });

  test("a directory is a base too: its files on nothing", async () => {
    using project = createProject({ Dockerfile: "FROM tree\nCOPY more /\n", more: "" });
    using tree = createProject({ "etc/name": "here", ".dockerignore": "hidden\n.dockerignore", hidden: "" });
    const first = await buildProject(opened.engine, project, { buildContexts: { tree: tree.directory } });
    expect(first.config.rootfs.diff_ids).toHaveLength(2);
    expect(await filesOf(opened.engine, first.result.ImageID!)).toEqual(["etc", "etc/name", "more"]);
    expect((await buildProject(opened.engine, project, { buildContexts: { tree: tree.directory } })).ran).toEqual([]);
  });

  test("a tar at a URL gives files, fetched only when something asks for them", async () => {
    using project = createProject({ Dockerfile: "FROM scratch\nCOPY --from=far /f /\n" });
    using far = createProject({ f: "far away" });
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end(tarOf(far, "-z"));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const { result } = await buildProject(opened.engine, project, { buildContexts: { far: `${base}/far`, unused: `${base}/unused` } });
      expect(await filesOf(opened.engine, result.ImageID!)).toEqual(["f"]);
      expect(asked).toEqual(["/far"]);
      expect(received()).toEqual([]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  describe("an OCI layout", () => {
    let layout: Project;
    const at = (end = "") => ({ buildContexts: { base: `oci-layout://${layout.directory}${end}` } });
    beforeAll(async () => {
      layout = createProject({});
      const tar = await opened.engine.images.save(["busybox:latest"], { format: "oci" });
      execFileSync("tar", ["-x", "-C", layout.directory], { input: Buffer.concat(await tar.toArray()) });
    });
    afterAll(() => layout[Symbol.dispose]());

    test("is a base and a source, by its tag or a digest", async () => {
      const [{ digest }] = JSON.parse(readFileSync(join(layout.directory, "index.json"), "utf8")).manifests;
      using project = createProject({ Dockerfile: "FROM base\nCOPY --from=base /bin/busybox /copied\nRUN ls /copied\n" });
      for (const end of ["", ":latest", `@${digest}`])
        expect((await buildProject(opened.engine, project, { ...at(end), noCache: true })).output).toBe("/copied\n");
    });

    test.each([
      [":other", "not-found", 'cannot find tag "other"'],
      [`@sha256:${"0".repeat(64)}`, "not-found", "cannot find sha256:000"],
      ["@sha256:short", "invalid", "is no sha256 digest"],
      ["/blobs", "invalid", "as an OCI layout: ENOENT"],
    ])("%s is refused", async (end, code, message) => {
      using project = createProject({ Dockerfile: "FROM base\n" });
      const { end: refused } = await collect(opened.engine, { context: project.directory, ...at(end) });
      await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    });

    test("with a damaged blob is refused, and nothing of it stays", async () => {
      using project = createProject({ Dockerfile: "FROM base\n" });
      using copy = createProject({});
      execFileSync("cp", ["-a", `${layout.directory}/.`, copy.directory]);
      const [{ digest }] = JSON.parse(readFileSync(join(copy.directory, "index.json"), "utf8")).manifests;
      writeFileSync(join(copy.directory, "blobs/sha256", digest.slice(7)), "{}");
      const { end } = await collect(opened.engine, {
        context: project.directory,
        buildContexts: { base: `oci-layout://${copy.directory}` },
      });
      await expect(end).rejects.toMatchObject({ code: "corrupt", message: expect.stringContaining("is damaged") });
    });
  });

  test("what is none of these is refused before anything is built", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\n" });
    const { end } = await collect(opened.engine, { context: project.directory, buildContexts: { x: "ftp://somewhere" } });
    await expect(end).rejects.toMatchObject({ code: "unsupported", exit: 1 });
    const missing = await collect(opened.engine, { context: project.directory, cwd: project.directory, buildContexts: { x: "nowhere" } });
    await expect(missing.end).rejects.toMatchObject({ code: "not-found", message: expect.stringContaining('"nowhere"') });
  });
});

test("the ignore file beside the Dockerfile goes before the context's", async () => {
  using project = createProject({
    "docker/prod": "FROM busybox\nCOPY a b* /x/\nRUN ls /x\n",
    "docker/prod.dockerignore": "b",
    ".dockerignore": "a",
    a: "",
    b: "",
  });
  expect((await buildProject(opened.engine, project, { file: join(project.directory, "docker/prod") })).output).toBe("a\n");
});

describe("hostile contexts", () => {
  test.each(["../../etc/shadow", "/../../../etc/shadow", "up/etc/shadow", "abs/shadow"])(
    "COPY %s stays inside the context",
    async (source) => {
      using project = createProject({ Dockerfile: `FROM busybox\nCOPY ${source} /x\n` });
      symlinkSync("../../../../../..", join(project.directory, "up"));
      symlinkSync("/etc", join(project.directory, "abs"));
      const { end } = await collect(opened.engine, { context: project.directory });
      await expect(end).rejects.toMatchObject({
        code: "dockerfile",
        message: expect.stringMatching(/shadow": not found$/),
        location: { line: 2 },
      });
    },
  );

  test("a link is copied as a link, never as what it points at outside", async () => {
    using project = createProject({
      Dockerfile: "FROM busybox\nCOPY d /d/\nRUN readlink /d/secret; test ! -e /d/secret || cmp /d/secret /etc/shadow\n",
    });
    mkdirSync(join(project.directory, "d"));
    symlinkSync("/etc/shadow-of-the-host", join(project.directory, "d/secret"));
    expect((await buildProject(opened.engine, project)).output).toBe("/etc/shadow-of-the-host\n");
  });

  test("an image whose directory is a link to the host's cannot make COPY write there", async () => {
    using project = createProject({
      Dockerfile:
        "FROM busybox\nRUN ln -s ../../../../../../../../../../tmp/berth-escape /out && ln -s /tmp/berth-escape /abs\nCOPY f /out/\nCOPY f /abs/\n",
      f: "x",
    });
    await buildProject(opened.engine, project);
    expect(() => readFileSync("/tmp/berth-escape/f")).toThrow(/ENOENT/);
  });

  test("names as long as the file system takes, spaces and line ends in them", async () => {
    const deep = Array.from({ length: 14 }, (_, at) => String(at).padEnd(250, "d")).join("/");
    using project = createProject({ Dockerfile: "FROM busybox\nCOPY tree /t/\nRUN find /t -type f | wc -l\n" });
    project.write(`tree/${deep}/leaf`, "deep");
    project.write("tree/with blank\nand line", "odd");
    expect((await buildProject(opened.engine, project)).output.trim()).toBe("3"); // one of the two names has a line end
  });

  test("files belong to root whoever owns them on the host", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\nCOPY d /d/\nRUN stat -c %u:%g /d /d/file\n", "d/file": "" });
    execFileSync("chown", ["-R", "1234:4321", project.directory]);
    expect((await buildProject(opened.engine, project)).output).toBe("0:0\n0:0\n");
  });

  test("hard links stay inside the image and are one file", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\nCOPY d /d/\nRUN stat -c %h /d/one\n", "d/one": "same" });
    execFileSync("ln", [join(project.directory, "d/one"), join(project.directory, "d/two")]);
    execFileSync("ln", [join(project.directory, "d/one"), join(project.directory, "outside")]);
    expect((await buildProject(opened.engine, project)).output).toBe("2\n");
  });

  test("sockets are passed over, fifos do not block", async () => {
    using project = createProject({ Dockerfile: "FROM busybox\nCOPY d /d/\nRUN ls /d\n", "d/file": "" });
    execFileSync("mkfifo", [join(project.directory, "d/pipe")]);
    const { createServer: listen } = await import("node:net");
    const server = listen().listen(join(project.directory, "d/socket"));
    await once(server, "listening");
    expect((await buildProject(opened.engine, project)).output).toBe('note: "/d/socket" is a socket: left out\nfile\npipe\n');
    server.close();
  });
});
