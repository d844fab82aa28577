import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importBusybox, openTestEngine, type TestEngine } from "../../../support/engine.ts";
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

test("bind: the context less what is ignored, a stage's files; the key is their content", async () => {
  using project = createProject({
    ...dockerfile(
      "FROM busybox AS a",
      "RUN mkdir /data; echo stage > /data/f",
      "FROM busybox",
      "RUN --mount=target=/ctx --mount=from=a,source=/data,target=/stage ls /ctx; cat /stage/f; touch /ctx/x || echo read-only",
      "RUN --mount=target=/one,source=one,rw cat /one; echo gone > /one",
      "RUN ls -d /ctx /stage /one 2>&1 | sort",
    ),
    one: "1\n",
    two: "2\n",
    ".dockerignore": "two\n",
  });
  const first = await buildProject(opened.engine, project);
  expect(first.output).toContain("Dockerfile\none\nstage\n");
  expect(first.output).toContain("read-only\n");
  expect(first.output.match(/ls: .*No such file/g)).toHaveLength(3);
  expect(readFileSync(join(project.directory, "one"), "utf8")).toBe("1\n");
  expect((await buildProject(opened.engine, project)).ran).toEqual([]);
  project.write("two", "ignored\n");
  expect((await buildProject(opened.engine, project)).ran).toEqual([]);
  project.write("one", "changed\n");
  // Both mounts ran again and changed nothing: the step on top of them finds the same layers below.
  expect((await buildProject(opened.engine, project)).ran).toHaveLength(2);
});

test("cache: outlives builds, is no part of the image", async () => {
  using project = createProject(
    dockerfile("FROM busybox", "RUN --mount=type=cache,target=/cache,sharing=locked echo x >> /cache/f; wc -l < /cache/f; ls /cache"),
  );
  expect((await buildProject(opened.engine, project)).output).toBe("1\nf\n");
  expect((await buildProject(opened.engine, project, { noCache: true })).output).toBe("2\nf\n");
  project.write("Dockerfile", "FROM busybox\nRUN --mount=type=cache,target=/cache true\nRUN ls /cache 2>&1 || true\n");
  expect((await buildProject(opened.engine, project)).output).toContain("No such file");
});

test.each(["type=bind", "type=tmpfs,target=/", "type=cache,target=..", "type=secret,id=a,target=/"])("%s has no place", async (mount) => {
  using project = createProject(dockerfile("FROM busybox", `RUN --mount=${mount} true`));
  const { end } = await collect(opened.engine, { context: project.directory });
  await expect(end).rejects.toMatchObject({ code: "dockerfile", message: 'invalid mount target "/"', location: { line: 2 } });
});

test("names of hosts are the step's, and not to be written", async () => {
  using project = createProject(
    dockerfile("FROM busybox", "RUN for f in hosts resolv.conf; do echo x >> /etc/$f || echo read-only; done 2>/dev/null"),
  );
  expect((await buildProject(opened.engine, project)).output).toBe("read-only\nread-only\n");
});

test("tmpfs", async () => {
  using project = createProject(dockerfile("FROM busybox", "RUN --mount=type=tmpfs,target=/t,size=1m grep ' /t ' /proc/mounts"));
  expect((await buildProject(opened.engine, project)).output).toMatch(/^tmpfs \/t tmpfs .*size=1024k/);
});

test("a mount is refused in the place of the kernel's files, which the step's own runtime believes", async () => {
  for (const [place, why] of [
    ["/proc", "it is not of type proc"],
    ["/proc/self/attr", "it is inside /proc"],
    ["/dev", "it is not the host's /dev"],
  ]) {
    using project = createProject(dockerfile("FROM busybox", "RUN ln -s / /link", `RUN --mount=type=cache,target=/link${place} true`));
    await expect(buildProject(opened.engine, project)).rejects.toThrow(`"${place}" cannot be mounted because ${why}`);
  }
});

test("what a command puts in the way of its mount points leads their removal nowhere", async () => {
  const outside = join(opened.root, "outside");
  mkdirSync(join(outside, "y/z"), { recursive: true });
  utimesSync(join(outside, "y"), 1e9, 1e9);
  using project = createProject(
    dockerfile(
      "FROM busybox",
      `RUN --mount=type=tmpfs,target=/x/y/z mv /x /moved && ln -s ${outside} /x`,
      "RUN [ -L /x ] && [ -d /moved/y/z ] && echo kept",
    ),
  );
  expect((await buildProject(opened.engine, project)).output).toBe("kept\n");
  expect(readdirSync(join(outside, "y"))).toEqual(["z"]);
  expect(statSync(join(outside, "y")).mtimeMs).toBe(1e12);
});

test("secret: a file or a variable that leaves no trace in layers, key or history", async () => {
  using project = createProject({
    ...dockerfile(
      "FROM busybox",
      "RUN --mount=type=secret,id=token,mode=0440 --mount=type=secret,id=token,env=TOKEN stat -c %a /run/secrets/token; wc -c < /run/secrets/token; echo ${#TOKEN}",
    ),
    "token.txt": "s3cr3t-value",
  });
  const secrets = [{ id: "token", file: join(project.directory, "token.txt") }];
  const { output, config, events } = await buildProject(opened.engine, project, { secrets });
  expect(output).toBe("440\n12\n12\n");
  expect(JSON.stringify([config, events])).not.toContain("s3cr3t");
  expect(JSON.stringify(opened.engine.db.all("SELECT * FROM build_cache"))).not.toContain("s3cr3t");
  project.write("token.txt", "another");
  expect((await buildProject(opened.engine, project, { secrets })).ran).toEqual([]);
});

test("a secret that must be there is asked for, though the same step ran without one that need not be", async () => {
  const lines = (flags: string) => dockerfile("FROM busybox", `RUN --mount=type=secret,id=absent${flags} true`);
  using project = createProject(lines(""));
  await buildProject(opened.engine, project);
  project.write("Dockerfile", lines(",required").Dockerfile);
  await expect(buildProject(opened.engine, project)).rejects.toMatchObject({
    message: expect.stringContaining("secret absent: not found"),
  });
});

test.each(["crun", "runc"])("a secret in a variable is in no file on a disk while its step runs (%s)", async (runtime) => {
  await using other = openTestEngine({ runtime });
  await importBusybox(other.engine);
  using project = createProject(
    dockerfile("FROM busybox", "RUN --mount=type=secret,id=token,env=TOKEN echo length ${#TOKEN}; exec sleep 1000"),
  );
  project.write("token.txt", "s3cr3t-value");
  const secrets = [{ id: "token", file: join(project.directory, "token.txt") }];
  const abort = new AbortController();
  const { dev } = statSync(other.root);
  let found: string[] | undefined;
  const { end } = await collect(other.engine, { context: project.directory, secrets, signal: abort.signal }, (event) => {
    if (event.type !== "step-log" || !Buffer.from(event.data).includes("length 12")) return;
    found = filesWith("s3cr3t", other.root, dev);
    abort.abort();
  });
  await expect(end).rejects.toMatchObject({ code: "cancelled" });
  expect(found).toEqual([]);
});

/** Paths on one file system. */
function filesWith(text: string, directory: string, device: number): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (!(entry.isDirectory() || entry.isFile()) || statSync(path).dev !== device) return [];
    if (entry.isDirectory()) return filesWith(text, path, device);
    return readFileSync(path).includes(text) ? [path] : [];
  });
}

test("a required secret that is not given stops the build at its RUN", async () => {
  using project = createProject(dockerfile("FROM busybox", "RUN --mount=type=secret,id=nope,required true", ""));
  const { end } = await collect(opened.engine, { context: project.directory });
  await expect(end).rejects.toMatchObject({ message: "secret nope: not found", location: { line: 2 } });
});

test("a secret that is not given leaves its variable empty, not unset", async () => {
  using project = createProject(
    dockerfile("FROM busybox", "ENV GIVEN=before", "RUN --mount=type=secret,id=nope,env=GIVEN echo [${GIVEN-unset}]"),
  );
  expect((await buildProject(opened.engine, project)).output).toBe("[]\n");
});

test("a directory that is mounted has the owner and the mode that it has at its source", async () => {
  using project = createProject(
    dockerfile(
      "FROM busybox AS a",
      "RUN mkdir -m 1750 /data && chown 7:8 /data && chmod 711 /",
      "FROM busybox",
      "RUN --mount=from=a,source=/data,target=/part --mount=from=a,target=/all --mount=target=/ctx stat -c '%a %u:%g' /part /all /ctx",
      "RUN --mount=type=cache,from=a,source=/data,target=/c,uid=3 stat -c '%a %u:%g' /c",
    ),
  );
  expect((await buildProject(opened.engine, project)).output).toBe("1750 7:8\n711 0:0\n755 0:0\n1750 7:8\n");
});

test("a secret's file is named after the last part of its id, and titles do not show what a variable of it would be", async () => {
  using project = createProject({
    ...dockerfile(
      "FROM busybox",
      "RUN --mount=type=secret,id=a/token ls /run/secrets",
      "ENV T=known",
      "RUN --mount=type=secret,id=a/token,env=T echo $T",
    ),
    token: "hidden",
  });
  const { output, ran } = await buildProject(opened.engine, project, {
    secrets: [{ id: "a/token", file: join(project.directory, "token") }],
  });
  expect(output).toBe("token\nhidden\n");
  expect(ran.at(-1)).toBe("RUN --mount=type=secret,id=a/token,env=T echo ****");
});
