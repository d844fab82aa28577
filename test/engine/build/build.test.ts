import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resolveImage } from "../../../engine/image/store/resolve.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../support/engine.ts";
import { buildProject, collect, createProject, outputOf } from "./project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const dockerfile = (...lines: string[]) => ({ Dockerfile: `${lines.join("\n")}\n` });

/** What a build leaves on the machine besides its layers. */
function leftovers(): string[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(opened.root));
  const steps = join(opened.root, "build", "steps");
  return [
    ...mounts,
    ...readdirSync(steps),
    ...opened.engine.db.all<{ subject: string }>("SELECT subject FROM leases WHERE kind = 'step'").map((row) => row.subject),
  ];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("an image of the usual kind", () => {
  const project = createProject({
    ...dockerfile(
      "FROM busybox",
      "WORKDIR /app",
      "COPY requirements.txt /app/",
      "RUN cat requirements.txt > installed",
      "COPY . /app",
      'CMD [ "cat", "app.py" ]',
    ),
    "requirements.txt": "flask\n",
    "app.py": "print()\n",
  });
  afterAll(() => project[Symbol.dispose]());

  test("builds, and says how it was made in BuildKit's words", async () => {
    const { result, config, ran } = await buildProject(opened.engine, project, { tags: ["myimage"], labels: { a: "b" } });
    expect(ran).toEqual(["WORKDIR /app", "COPY requirements.txt /app/", "RUN cat requirements.txt > installed", "COPY . /app"]);
    expect(result.Tags).toEqual(["myimage:latest"]);
    expect(config.config).toMatchObject({
      WorkingDir: "/app",
      Cmd: ["cat", "app.py"],
      ArgsEscaped: true,
      Labels: { a: "b" },
      OnBuild: null,
    });
    expect(config.history?.slice(-5).map(({ created_by, comment, empty_layer }) => [created_by, comment, empty_layer ?? false])).toEqual([
      ["WORKDIR /app", "buildkit.dockerfile.v0", false],
      ["COPY requirements.txt /app/ # buildkit", "buildkit.dockerfile.v0", false],
      ["RUN /bin/sh -c cat requirements.txt > installed # buildkit", "buildkit.dockerfile.v0", false],
      ["COPY . /app # buildkit", "buildkit.dockerfile.v0", false],
      ['CMD ["cat" "app.py"]', "buildkit.dockerfile.v0", true],
    ]);
    expect(config.rootfs.diff_ids).toHaveLength(5);
    expect(resolveImage(opened.engine, "myimage")?.id).toBe(result.ImageID);
  });

  test("again: everything is cached and the image is the same, whatever the times of the files", async () => {
    const before = resolveImage(opened.engine, "myimage")?.id;
    utimesSync(join(project.directory, "app.py"), 1000, 1000);
    const { result, ran } = await buildProject(opened.engine, project, { tags: ["myimage"], labels: { a: "b" } });
    expect(ran).toEqual([]);
    expect(result.Steps).toEqual({ total: 5, cached: 5 });
    expect(result.ImageID).toBe(before);
  });

  test("a changed file runs its COPY and what follows, no more", async () => {
    project.write("app.py", "print(2)\n");
    const { ran, cached } = await buildProject(opened.engine, project);
    expect(ran).toEqual(["COPY . /app"]);
    expect(cached).toHaveLength(4);
  });

  test("--no-cache runs everything, and what it gave is found afterwards", async () => {
    expect((await buildProject(opened.engine, project, { noCache: true, allow: ["network.host"] })).ran).toHaveLength(4);
    expect((await buildProject(opened.engine, project)).ran).toEqual([]);
  });
});

describe("RUN", () => {
  test("sees ENV and ARG, runs as USER in WORKDIR, and its output is streamed", async () => {
    using project = createProject(
      dockerfile(
        "FROM busybox",
        "ARG WHO=nobody",
        "ENV GREETING=hi",
        "WORKDIR /work",
        "USER app",
        "RUN echo $GREETING $WHO; id -u; pwd; echo oops >&2",
      ),
    );
    const { output, config } = await buildProject(opened.engine, project, { buildArgs: { WHO: "you" } });
    expect(output.split("\n").slice(0, 4).sort()).toEqual(["/work", "1000", "hi you", "oops"]);
    expect(config.history?.at(-1)?.created_by).toBe("RUN |1 WHO=you /bin/sh -c echo $GREETING $WHO; id -u; pwd; echo oops >&2 # buildkit");
    expect(config.config?.Env).not.toContain("WHO=you");
  });

  test("has docker's capabilities, seccomp and a network of its own", async () => {
    using project = createProject(
      dockerfile(
        "FROM busybox",
        "RUN grep -E '^(CapEff|Seccomp):' /proc/self/status; hostname; grep -c . /etc/resolv.conf >/dev/null; ls /sys/class/net",
      ),
    );
    const { output } = await buildProject(opened.engine, project);
    expect(output).toMatch(/CapEff:\s+00000000a80425fb\nSeccomp:\s+2\nbuildkitsandbox\n/);
    expect(output.match(/eth0/)).not.toBeNull();
  });

  test("with --network=none there is only lo", async () => {
    using project = createProject(dockerfile("FROM busybox", "RUN --network=none ls /sys/class/net"));
    expect((await buildProject(opened.engine, project)).output.trim()).toBe("lo");
  });

  test("that changes nothing gives an empty layer", async () => {
    using project = createProject(dockerfile("FROM busybox", "RUN true"));
    const { config } = await buildProject(opened.engine, project);
    expect(config.rootfs.diff_ids.at(-1)).toBe("sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");
  });

  test("here-documents: for the shell, and as a script of their own", async () => {
    using project = createProject(
      dockerfile("FROM busybox", "RUN <<EOF", "echo one", "echo two", "EOF", "RUN <<EOF", "#!/bin/cat", "three", "EOF"),
    );
    expect((await buildProject(opened.engine, project)).output).toBe("one\ntwo\n#!/bin/cat\nthree\n");
  });

  test("that fails stops the build where it stands; what was done stays cached and nothing is left behind", async () => {
    using project = createProject(dockerfile("FROM busybox", "RUN echo kept > /kept", "RUN echo why; exit 7"));
    const { events, end } = await collect(opened.engine, { context: project.directory, tags: ["never"] });
    await expect(end).rejects.toMatchObject({
      code: "build-step",
      exit: 1,
      message: 'process "/bin/sh -c echo why; exit 7" did not complete successfully: exit code: 7',
      location: { file: "Dockerfile", line: 3 },
    });
    expect(outputOf(events)).toBe("why\n");
    expect(resolveImage(opened.engine, "never")).toBeUndefined();
    expect(leftovers()).toEqual([]);
    project.write("Dockerfile", "FROM busybox\nRUN echo kept > /kept\n");
    expect((await buildProject(opened.engine, project)).ran).toEqual([]);
    expect((await opened.engine.builder.list())[1]).toMatchObject({ Status: "failed", Name: "never" });
  });

  test("a command that is not there is named", async () => {
    using project = createProject(dockerfile("FROM busybox", 'RUN ["/nope", "x"]'));
    const { end } = await collect(opened.engine, { context: project.directory });
    await expect(end).rejects.toMatchObject({
      code: "build-step",
      exit: 1,
      message: expect.stringMatching(/^process "\/nope x" did not complete successfully: exec: "\/nope"/),
    });
  });

  test("is called off by the signal, at once and without a trace", async () => {
    using project = createProject(dockerfile("FROM busybox", "RUN echo started; sleep 1000"));
    const abort = new AbortController();
    const { end, events } = await collect(opened.engine, { context: project.directory, signal: abort.signal }, (event) => {
      if (event.type === "step-log") abort.abort();
    });
    await expect(end).rejects.toMatchObject({ code: "cancelled", exit: 130 });
    expect(events.findLast((event) => event.type === "step")).toMatchObject({ status: "cancelled" });
    expect(leftovers()).toEqual([]);
  });
});

describe("stages", () => {
  test("only what the target needs runs; files and configuration pass on", async () => {
    using project = createProject(
      dockerfile(
        "ARG BASE=busybox",
        "FROM $BASE AS base",
        "ENV FROM_BASE=yes",
        "FROM base AS maker",
        "RUN echo made > /made; echo $FROM_BASE > /env",
        "FROM base AS never",
        "RUN false",
        "FROM scratch AS final",
        "COPY --from=maker /made /env /out/",
        "COPY --from=0 /etc/passwd /",
      ),
    );
    const { ran, config } = await buildProject(opened.engine, project);
    expect(ran).toEqual(["RUN echo made > /made; echo yes > /env", "COPY --from=maker /made /env /out/", "COPY --from=0 /etc/passwd /"]);
    expect(config.rootfs.diff_ids).toHaveLength(2);
    expect((await buildProject(opened.engine, project, { target: "base" })).config.config?.Env).toContain("FROM_BASE=yes");
  });

  test("that do not need each other run at the same time", async () => {
    // One waits for a connection, the other for somebody to connect to: one after the other, neither would ever end.
    const port = await freePort();
    const waits = `RUN --network=host nc -l -p ${port}; touch /met`;
    const connects = `RUN --network=host until echo word | nc 127.0.0.1 ${port} 2>/dev/null; do sleep 0.02; done; touch /met`;
    using project = createProject(
      dockerfile(
        "FROM busybox AS a",
        waits,
        "FROM busybox AS b",
        connects,
        "FROM scratch",
        "COPY --from=a /met /a",
        "COPY --from=b /met /b",
      ),
    );
    expect((await buildProject(opened.engine, project, { noCache: true, allow: ["network.host"] })).ran).toHaveLength(4);
  });

  test("ONBUILD triggers run in the stage that builds on the image, once", async () => {
    using base = createProject(dockerfile("FROM busybox", "ONBUILD RUN echo triggered > /t", "ONBUILD ENV T=1"));
    expect((await buildProject(opened.engine, base, { tags: ["trigger"] })).config.config?.OnBuild).toEqual([
      "RUN echo triggered > /t",
      "ENV T=1",
    ]);
    using project = createProject(dockerfile("FROM trigger", "RUN cat /t"));
    const { output, config, events } = await buildProject(opened.engine, project);
    expect(output).toBe("triggered\n");
    expect(config.config).toMatchObject({ OnBuild: null, Env: expect.arrayContaining(["T=1"]) });
    expect(events).toContainEqual(expect.objectContaining({ name: "[2/3] ONBUILD RUN echo triggered > /t" }));
  });
});

describe("COPY and ADD", () => {
  test("modes, owners, links, directories and .dockerignore", async () => {
    using project = createProject({
      ...dockerfile(
        "FROM busybox",
        "COPY --chown=app:extra --chmod=640 one /owned/",
        "COPY . /all/",
        "COPY dir /dir",
        "COPY one /renamed",
        "COPY <<EOF /inline/file",
        "hello",
        "EOF",
        "RUN stat -c '%n %a %u:%g' /owned/one /all/run.sh /all/dir/deep /renamed; ls -A /all /dir; cat /inline/file; readlink /all/link; cat /all/link",
      ),
      one: "1",
      "dir/two": "2",
      "dir/deep/three": "3",
      secret: "no",
      ".dockerignore": "secret\n*.log\n!keep.log\n",
      "x.log": "",
      "keep.log": "",
    });
    project.write("run.sh", "#!/bin/sh\n", 0o755);
    symlinkSync("dir/two", join(project.directory, "link"));
    const { output } = await buildProject(opened.engine, project);
    expect(output.split("\n")).toEqual([
      "/owned/one 640 1000:2000",
      "/all/run.sh 755 0:0",
      "/all/dir/deep 755 0:0",
      "/renamed 644 0:0",
      "/all:",
      ".dockerignore",
      "Dockerfile",
      "dir",
      "keep.log",
      "link",
      "one",
      "run.sh",
      "",
      "/dir:",
      "deep",
      "two",
      "hello",
      "dir/two",
      "2",
    ]);
  });

  test("ADD unpacks what is an archive, by its content", async () => {
    using project = createProject({
      ...dockerfile("FROM busybox", "ADD a.tar b.any c.txz plain.gz /x/", "RUN cd /x; find . -type f | sort; cat in/a"),
      "in/a": "A",
      "in/b": "B",
    });
    const tar = (...args: string[]) => execFileSync("tar", ["-C", project.directory, ...args]);
    tar("-cf", join(project.directory, "a.tar"), "in/a");
    tar("-czf", join(project.directory, "b.any"), "in/b");
    project.write("in/c", "C");
    tar("-cJf", join(project.directory, "c.txz"), "in/c");
    project.write("plain.gz", execFileSync("gzip", ["-c"], { input: "not a tar" }));
    expect((await buildProject(opened.engine, project)).output).toBe("./in/a\n./in/b\n./in/c\n./plain.gz\nA");
  });

  test("a source that is not there is shown where it is written, with the nearest name", async () => {
    using project = createProject({ ...dockerfile("FROM busybox", "COPY Dockerfile requirement.txt /app/"), "requirements.txt": "" });
    const { end } = await collect(opened.engine, { context: project.directory });
    await expect(end).rejects.toMatchObject({
      code: "dockerfile",
      exit: 1,
      message: '"/requirement.txt": not found',
      suggestion: "requirements.txt",
      location: { line: 2, column: 17 },
    });
  });

  test("nothing outside the context can be reached", async () => {
    using project = createProject(dockerfile("FROM busybox", "COPY ../../../../etc/shadow /x"));
    symlinkSync("/etc/shadow", join(project.directory, "link"));
    await expect((await collect(opened.engine, { context: project.directory })).end).rejects.toThrow('"/etc/shadow": not found');
    project.write("Dockerfile", "FROM busybox\nCOPY link /x\n");
    await expect((await collect(opened.engine, { context: project.directory })).end).rejects.toThrow('"/link": not found');
  });

  test("destinations follow the image's links inside the image", async () => {
    using project = createProject({
      ...dockerfile(
        "FROM busybox",
        "RUN mkdir /real; ln -s /real /link; ln -s /../../../etc /out",
        "COPY f /link/",
        "COPY f /out/",
        "RUN cat /real/f /etc/f",
      ),
      f: "F",
    });
    expect((await buildProject(opened.engine, project)).output).toBe("FF");
  });

  test("COPY --from is cached by content, not by how the files came about", async () => {
    using project = createProject(
      dockerfile("FROM busybox AS a", "RUN echo same > /f; date +%N > /other", "FROM busybox", "COPY --from=a /f /f"),
    );
    await buildProject(opened.engine, project);
    const { ran } = await buildProject(opened.engine, project, { noCacheFilter: ["a"] });
    expect(ran).toEqual(["RUN echo same > /f; date +%N > /other"]);
  });
});

test("two builds at once give one tag a whole image", async () => {
  using one = createProject(dockerfile("FROM busybox", "RUN echo 1 > /f"));
  using two = createProject(dockerfile("FROM busybox", "RUN echo 2 > /f"));
  const built = await Promise.all([one, two].map((project) => buildProject(opened.engine, project, { tags: ["both"] })));
  expect(built.map(({ result }) => result.ImageID)).toContain(resolveImage(opened.engine, "both")?.id);
});

test("prune gives back what no image uses", async () => {
  using project = createProject(dockerfile("FROM busybox", "RUN echo pruned > /p"));
  const { result } = await buildProject(opened.engine, project, { tags: ["gone"] });
  await opened.engine.images.remove("gone");
  const records = await opened.engine.builder.du({ description: ["echo pruned"] });
  expect(records).toMatchObject([{ Shared: false, Type: "regular" }]);
  const { CachesDeleted } = await opened.engine.builder.prune({ filters: { description: ["echo pruned"] } });
  expect(CachesDeleted).toEqual([records[0]?.ID]);
  expect(await opened.engine.builder.du({ description: ["echo pruned"] })).toEqual([]);
  expect(result.Steps.total).toBe(2);
  mkdirSync(join(opened.root, "build", "steps"), { recursive: true });
  expect(leftovers()).toEqual([]);
});
