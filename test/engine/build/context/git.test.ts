/** Git repositories as sources of ADD and as contexts: of a git server, and of one that has files only. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../../../../engine/process/spawn.ts";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
import { eventually } from "../../../support/eventually.ts";
import { freePort } from "../../../support/ports.ts";
import { buildProject, collect, createProject, outputOf } from "../project.ts";

let opened: TestEngine;
beforeAll(async () => {
  opened = openTestEngine();
  await importBusybox(opened.engine);
});
afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

const dockerfile = (...lines: string[]) => ({ Dockerfile: `${lines.join("\n")}\n` });

describe.runIf(findProgram("git"))("a git repository", () => {
  const directory = mkdtempSync(join(tmpdir(), "berth-git-"));
  let daemon: ReturnType<typeof spawn>;
  let url: string;
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main", ...args], {
      cwd: join(directory, "repo"),
    });

  beforeAll(async () => {
    mkdirSync(join(directory, "repo", "sub"), { recursive: true });
    git("init", "-q");
    writeFileSync(join(directory, "repo", "readme"), "read me\n");
    writeFileSync(join(directory, "repo", "sub", "inner"), "inner\n");
    git("add", ".");
    git("commit", "-qm", "first");
    git("tag", "-am", "one", "v1");
    const port = await freePort();
    daemon = spawn("git", ["daemon", "--export-all", `--base-path=${directory}`, "--listen=127.0.0.1", `--port=${port}`], {
      stdio: "ignore",
    });
    url = `git://127.0.0.1:${port}/repo`;
    await eventually(() => execFileSync("git", ["ls-remote", url], { stdio: "pipe" }));
  });
  afterAll(async () => {
    daemon.kill();
    await once(daemon, "exit");
    rmSync(directory, { recursive: true, force: true });
  });

  test("takes the files of a commit, a directory of them, and .git on demand", async () => {
    using project = createProject(
      dockerfile(
        "FROM busybox",
        `ADD ${url} /all/`,
        `ADD ${url}#v1:sub /part/`,
        `ADD --keep-git-dir=true ${url}#main /kept/`,
        "RUN cd / && ls -A all part && test -d kept/.git",
      ),
    );
    const { output } = await buildProject(opened.engine, project);
    expect(output).toBe("all:\nreadme\nsub\n\npart:\ninner\n");
    expect((await buildProject(opened.engine, project)).ran).toEqual([]);
    writeFileSync(join(directory, "repo", "new"), "");
    git("add", ".");
    git("commit", "-qm", "second");
    expect((await buildProject(opened.engine, project)).output).toBe("all:\nnew\nreadme\nsub\n\npart:\ninner\n");
  });

  /** The repository as files, as a plain web server has them. */
  async function serveFiles(from = join(directory, "repo")): Promise<{ url: string } & AsyncDisposable> {
    execFileSync("git", ["clone", "-q", "--bare", from, join(directory, "plain.git")]);
    execFileSync("git", ["-C", join(directory, "plain.git"), "update-server-info"]);
    const server = createServer((request, response) => {
      const file = join(directory, new URL(request.url ?? "", "http://localhost").pathname);
      if (existsSync(file) && statSync(file).isFile()) response.end(readFileSync(file));
      else response.writeHead(404).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/plain.git`,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections();
        server.close();
        rmSync(join(directory, "plain.git"), { recursive: true });
      },
    };
  }

  test("whose objects are named by SHA-256", async () => {
    const own = join(directory, "sha256");
    const git256 = (...args: string[]) => execFileSync("git", ["-C", own, "-c", "user.name=n", "-c", "user.email=e", ...args]);
    execFileSync("git", ["init", "-q", "-b", "main", "--object-format=sha256", own]);
    writeFileSync(join(own, "file"), "of it\n");
    git256("add", ".");
    git256("commit", "-qm", "first");
    const commit = git256("rev-parse", "HEAD").toString().trim();
    await using server = await serveFiles(own);
    using project = createProject(
      dockerfile(
        "FROM busybox",
        `ADD ${server.url} /a/`,
        `ADD --checksum=${commit} ${server.url}#${commit} /b/`,
        "RUN cat /a/file /b/file",
      ),
    );
    expect((await buildProject(opened.engine, project)).output).toBe("of it\nof it\n");
    const { events, end } = await collect(opened.engine, { context: server.url, dockerfile: "FROM busybox\nCOPY . /y/\nRUN ls /y\n" });
    await end;
    expect(outputOf(events)).toBe("file\n");
  });

  test("of a server that has files only: by branch, by commit, as a context", async () => {
    await using server = await serveFiles();
    const commit = git("rev-list", "--max-parents=0", "HEAD").toString().trim();
    using project = createProject(
      dockerfile(
        "FROM busybox",
        `ADD ${server.url}#main:sub /part/`,
        `ADD ${server.url}#${commit} /first/`,
        "RUN cd / && ls -A part first",
      ),
    );
    expect((await buildProject(opened.engine, project)).output).toBe("first:\nreadme\nsub\n\npart:\ninner\n");
    const { events, end } = await collect(opened.engine, { context: server.url, dockerfile: "FROM busybox\nCOPY . /y/\nRUN ls -A /y\n" });
    await end;
    expect(outputOf(events)).toMatch(/readme\nsub\n$/);
  });

  test("by the keys of its address; a commit that is not the expected one is refused", async () => {
    const commit = git("rev-parse", "v1^{}").toString().trim();
    using project = createProject(
      dockerfile(
        "FROM busybox",
        `ADD ${url}?tag=v1&subdir=sub&checksum=${commit.slice(0, 9)} /part/`,
        `ADD --checksum=${commit.slice(0, 7)} ${url}?tag=v1&keep-git-dir=1 /all/`,
        "RUN ls -A /part; test -d /all/.git && echo kept",
      ),
    );
    expect((await buildProject(opened.engine, project)).output).toBe("inner\nkept\n");
    for (const [line, message] of [
      [`ADD --checksum=1234567 ${url}#v1 /x`, `expected checksum to match 1234567, got ${commit}`],
      [`ADD ${url}?tag=v1&branch=main /x`, "branch conflicts with tag"],
      [`ADD ${url}?nonsense=1 /x`, 'unexpected query "nonsense"'],
      [`ADD ${url}?ref=a#b /x`, 'ref conflicts: "b" vs "a"'],
      [`ADD --keep-git-dir=false ${url}?keep-git-dir=true /x`, "inconsistent keep-git-dir configuration"],
    ] as const) {
      project.write("Dockerfile", `FROM busybox\n${line}\n`);
      const { end } = await collect(opened.engine, { context: project.directory });
      await expect(end).rejects.toMatchObject({ message: expect.stringContaining(message), location: { line: 2 } });
    }
  });

  test("brings its submodules, and .git where the build asks for it", async () => {
    const parent = join(directory, "parent");
    mkdirSync(parent);
    const inParent = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main", ...args], {
        cwd: parent,
      });
    inParent("init", "-q");
    inParent("submodule", "--quiet", "add", url, "module");
    inParent("commit", "-qm", "with a module");
    const context = `${url.replace(/repo$/, "parent")}#main`;
    const lines = "FROM busybox\nCOPY . /x/\nRUN cat /x/module/readme; test -d /x/.git && echo kept || true\n";
    const built = async (buildArgs: Record<string, string>) => {
      const { events, end } = await collect(opened.engine, { context, dockerfile: lines, buildArgs });
      await end;
      return outputOf(events);
    };
    expect(await built({})).toBe("read me\n");
    expect(await built({ BUILDKIT_CONTEXT_KEEP_GIT_DIR: "1" })).toBe("read me\nkept\n");
  });

  test("a reference that is not there is named", async () => {
    using project = createProject(dockerfile("FROM busybox", `ADD ${url}#nowhere /x/`));
    const { end } = await collect(opened.engine, { context: project.directory });
    await expect(end).rejects.toMatchObject({ code: "not-found", message: `cannot find "nowhere" in git repository "${url}"` });
  });

  test("dates an image by its commit, with SOURCE_DATE_EPOCH=context", async () => {
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "dated", "--allow-empty"], {
      cwd: join(directory, "repo"),
      env: { ...process.env, GIT_COMMITTER_DATE: "@1700000101 +0000" },
    });
    const dated = "ARG SOURCE_DATE_EPOCH=context\nFROM busybox\nARG SOURCE_DATE_EPOCH\nRUN echo $SOURCE_DATE_EPOCH\n";
    const { events, end } = await collect(opened.engine, { context: `${url}#main`, dockerfile: dated });
    const { ImageID = "" } = await end;
    expect(outputOf(events)).toBe("1700000101\n");
    expect((await opened.engine.images.inspect(ImageID)).Created).toMatch("2023-11-14T22:15:01");
    using project = createProject(dockerfile(`ARG SOURCE_DATE_EPOCH=src\nFROM scratch AS src\nADD ${url}#main /`, "FROM busybox"));
    const added = await collect(opened.engine, { context: project.directory });
    expect((await opened.engine.images.inspect((await added.end).ImageID ?? "")).Created).toMatch("2023-11-14T22:15:01");
  });

  test("is a context, too", async () => {
    using project = createProject({});
    const { end } = await collect(opened.engine, {
      context: `${url}#main:sub`,
      dockerfile: "FROM busybox\nCOPY . /x/\nRUN ls /x\n",
      cwd: project.directory,
    });
    await expect(end).resolves.toMatchObject({ ImageID: expect.stringMatching(/^sha256:/) });
  });
});
