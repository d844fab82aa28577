/** cp, diff, commit and export: a container's files from outside. */
import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;
const here = mkdtempSync(join(tmpdir(), "berth-files-"));

beforeAll(async () => {
  scene = await openScene();
  await scene.text("run", "-d", "--name", "files", "busybox", "sleep", "1000");
});
afterAll(async () => {
  try {
    await scene[Symbol.asyncDispose]();
  } finally {
    rmSync(here, { recursive: true, force: true });
  }
});

test("cp takes a tree in and out again, running or not", async () => {
  mkdirSync(join(here, "tree/sub"), { recursive: true });
  writeFileSync(join(here, "tree/sub/file"), "content", { mode: 0o640 });
  symlinkSync("sub/file", join(here, "tree/link"));
  await scene.text("cp", join(here, "tree"), "files:/srv");
  expect(await scene.text("exec", "files", "sh", "-c", "cat /srv/link /srv/sub/file; stat -c %a /srv/sub/file")).toBe("contentcontent640");
  await scene.text("stop", "-t", "0", "files");
  await scene.text("cp", "files:/srv/.", join(here, "back"));
  expect(readFileSync(join(here, "back/link"), "utf8")).toBe("content");
  expect(statSync(join(here, "back/sub/file")).mode & 0o777).toBe(0o640);
  await scene.text("start", "files");
});

test("cp takes the whole root of a running container, without what the kernel shows there", async () => {
  const target = join(here, "whole");
  mkdirSync(target);
  await scene.text("run", "-d", "--name", "rooted", "busybox", "sleep", "1000");
  await scene.text("cp", "rooted:/", target);
  expect(readdirSync(target)).toEqual(expect.arrayContaining(["bin", "etc", "proc"]));
  expect(["proc", "sys", "dev"].flatMap((name) => readdirSync(join(target, name)))).toEqual([]);
  await scene.text("rm", "-f", "rooted");
});

test("cp says what is missing", async () => {
  expect((await scene.error("cp", "files:/nosuch", here)).message).toBe("Could not find the file /nosuch in container files");
  expect((await scene.error("cp", join(here, "nosuch"), "files:/")).exit).toBe(1);
  expect((await scene.error("cp", "nosuch:/etc", here)).message).toBe("No such container: nosuch");
  expect(await scene.error("cp", "files:/bin", join(here, "no/such"))).toMatchObject({
    exit: 1,
    message: `invalid output path: directory "${join(here, "no")}" does not exist`,
  });
  expect(readdirSync(here)).not.toContain("no");
});

test("diff lists what was added, changed and deleted", async () => {
  await scene.text("run", "--name", "changed", "busybox", "sh", "-c", "touch /new; echo x >> /etc/passwd; rm /etc/group");
  expect((await scene.text("diff", "changed")).split("\n").sort()).toEqual(["A /new", "C /etc", "C /etc/passwd", "D /etc/group"]);
});

test("commit makes an image of it, with changes to its configuration", async () => {
  await scene.text("exec", "files", "sh", "-c", "echo kept > /kept");
  expect(await scene.text("commit", "-a", "me", "-m", "why", "-c", 'CMD ["cat", "/kept"]', "files", "kept:1")).toMatch(
    /^sha256:[0-9a-f]{64}$/,
  );
  expect(await scene.text("run", "--rm", "kept:1")).toBe("kept");
  expect(await scene.text("image", "inspect", "-f", "{{.Author}} {{.Comment}} {{json .Config.Cmd}}", "kept:1")).toBe(
    'me why ["cat","/kept"]',
  );
});

test("export and save put nothing in the place of what is no regular file", async () => {
  const special = mkdtempSync(join(here, "special-"));
  execFileSync("sh", ["-c", "mknod character c 1 3; mknod block b 7 200; mkfifo pipe; mkdir directory; ln -s nowhere link"], {
    cwd: special,
  });
  for (const [name, kind] of Object.entries({
    character: "character device file",
    block: "block device file",
    pipe: "named pipe (FIFO)",
    directory: "directory",
    link: "symbolic link directly",
  }))
    for (const words of [
      ["export", "files"],
      ["save", "busybox"],
    ]) {
      const before = lstatSync(join(special, name));
      expect((await scene.error(...words, "-o", join(special, name))).message).toContain(`cannot write to a ${kind}: `);
      expect(lstatSync(join(special, name))).toEqual(before);
    }
  expect(await scene.error("export", "-o", join(special, "nosuch/x"), "files")).toMatchObject({
    exit: 1,
    message: `invalid output path: directory "${join(special, "nosuch")}" does not exist`,
  });
  expect(readdirSync(special)).toHaveLength(5);
});

test("export writes a tar archive of the root", async () => {
  const file = join(here, "root.tar");
  await scene.text("export", "-o", file, "files");
  expect(readFileSync(file).toString("latin1", 257, 262)).toBe("ustar");
  const { output } = await scene.feed("", "export", "files");
  expect(output.length % 512).toBe(0);
  expect(output.includes("etc/passwd")).toBe(true);
});
