/** `cp`, case by case: what goes where, what is refused, and what of a file is kept; the same from and to a container. */
import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openScene, type Scene } from "../scene.ts";

let scene: Scene;
const here = mkdtempSync(join(tmpdir(), "berth-copy-"));

/** What stands on either side before each case: "side" is a directory of the host, or of the container. */
const setUp = `rm -rf side; mkdir -p side/d side/full/from; cd side
  echo old >file; echo old >real; ln -s real link; ln -s d dlink; ln -s made dangling; ln -s none/made lost`;
const sourceTree = "rm -rf from; mkdir -p from/sub; echo new >from/sub/x; echo new >f; ln -s f flink; ln -s from dflink";
/** Paths below a directory with what files hold and links lead to. */
const look = `cd side && find . | sort | while read p; do
  if [ -L "$p" ]; then echo "$p -> $(readlink "$p")"; elif [ -f "$p" ]; then echo "$p: $(cat "$p")"; else echo "$p"; fi; done`;

beforeAll(async () => {
  scene = await openScene();
  await scene.text("run", "-d", "--name", "box", "--network", "none", "busybox", "sleep", "1000");
});
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  rmSync(here, { recursive: true, force: true });
});

/** One side of the copy: a shell in a directory, and how cp names a path there. */
interface Side {
  sh(script: string): Promise<string>;
  name(path: string): string;
}
const host: Side = {
  sh: async (script) => execFileSync("sh", ["-c", script], { cwd: here, encoding: "utf8" }).trim(),
  name: (path) => `${here}/${path}`,
};
const box: Side = { sh: (script) => scene.text("exec", "-w", "/tmp", "box", "sh", "-c", script), name: (path) => `box:/tmp/${path}` };

const made = ["./made: new"];
const cases: [source: string, destination: string, changed: string[] | string][] = [
  ["f", "side/file", ["./file: new"]],
  ["f", "side", ["./f: new"]],
  ["f", "side/d/", ["./d/f: new"]],
  ["f", "side/new", ["./new: new"]],
  ["f", "side/link", ["./real: new"]],
  ["f", "side/dlink", ["./d/f: new"]],
  ["f", "side/dangling", made],
  ["f", "side/lost", "not find|does not exist|no such directory"],
  ["f", "side/new/", "no such directory"],
  ["f", "side/file/", "no such directory|not a directory"],
  ["f", "side/none/new", "not find|does not exist"],
  ["f/", "side", "not a directory"],
  ["f", "side/full", ["./full/f: new"]],
  ["flink", "side/d", ["./d/flink -> f"]],
  ["dflink", "side/d", ["./d/dflink -> from"]],
  ["dflink/", "side/d", ["./d/dflink", "./d/dflink/sub", "./d/dflink/sub/x: new"]],
  ["from", "side/file", "cannot copy directory"],
  ["from", "side/file/", "cannot copy directory|cannot overwrite non-directory"],
  ["from/.", "side/file", "cannot copy directory"],
  ["from", "side/link", "cannot copy directory"],
  ["from", "side/d", ["./d/from", "./d/from/sub", "./d/from/sub/x: new"]],
  ["from/", "side/d", ["./d/from", "./d/from/sub", "./d/from/sub/x: new"]],
  ["from/.", "side/d", ["./d/sub", "./d/sub/x: new"]],
  ["from", "side/dlink", ["./d/from", "./d/from/sub", "./d/from/sub/x: new"]],
  ["from", "side/new", ["./new", "./new/sub", "./new/sub/x: new"]],
  ["from/.", "side/new/", ["./new", "./new/sub", "./new/sub/x: new"]],
  ["from", "side/full", ["./full/from/sub", "./full/from/sub/x: new"]],
];

describe.each([
  ["in", host, box],
  ["out", box, host],
] as const)("%s of a container", (_, from, to) => {
  beforeAll(() => from.sh(sourceTree));

  test.each(cases)("%s to %s", async (source, destination, expected) => {
    await to.sh(setUp);
    const before = (await to.sh(look)).split("\n");
    const copy = ["cp", from.name(source), to.name(destination)];
    if (typeof expected === "string") {
      const error = await scene.error(...copy);
      expect([error.message, error.exit]).toEqual([expect.stringMatching(expected), 1]);
      expect((await to.sh(look)).split("\n")).toEqual(before);
      return;
    }
    await scene.text(...copy);
    const after = (await to.sh(look)).split("\n");
    expect(after.filter((line) => !before.includes(line))).toEqual(expected);
    // Nothing else went, but what a file's new content replaced.
    const named = (line: string) => line.replace(/(: | -> ).*/, "");
    expect(before.filter((line) => !after.map(named).includes(named(line)))).toEqual([]);
  });

  test("-L copies what a link leads to, under the link's name", async () => {
    await to.sh(setUp);
    await scene.text("cp", "-L", from.name("flink"), to.name("side/d"));
    await scene.text("cp", "-L", from.name("dflink"), to.name("side/d"));
    expect(await to.sh("cat side/d/flink side/d/dflink/sub/x")).toBe("new\nnew");
  });

  test("a directory in the way of a file, or a file of a directory, further down is an error", async () => {
    await to.sh(`${setUp}; mkdir -p d/f full/from/sub/x; rm -r full/from; echo >full/from`);
    expect((await scene.error("cp", from.name("f"), to.name("side/d"))).message).toBe(
      'cannot overwrite directory "/d/f" with non-directory "f"'.replace("/d/", to === box ? "/tmp/side/d/" : "/"),
    );
    expect((await scene.error("cp", from.name("from"), to.name("side/full"))).message).toMatch(
      /cannot overwrite non-directory ".*" with directory "from"/,
    );
    expect(await to.sh("ls -d side/d/f/ side/full/from")).toBe("side/d/f/\nside/full/from");
  });

  test("links between files, sparse files, pipes and times are kept", async () => {
    await to.sh("rm -rf kept");
    const script = `rm -rf kept; mkdir kept; cd kept; echo one >a; ln a b; mkfifo pipe; touch -d '2001-02-03 04:05:06' a; dd if=/dev/zero of=sparse bs=1 count=0 seek=20000000 2>/dev/null`;
    await from.sh(script);
    await scene.text("cp", from.name("kept"), to.name(""));
    expect(await to.sh("cd kept; stat -c '%n %h %F %s' a b pipe sparse; stat -c %Y a; [ a -ef b ] && echo same")).toBe(
      `a 2 regular file 4\nb 2 regular file 4\npipe 1 fifo 0\nsparse 1 regular file 20000000\n${Date.parse("2001-02-03T04:05:06Z") / 1000}\nsame`,
    );
  });
});

test("numeric owners go in; with -a, all is the container's user's, when it has one", async () => {
  await host.sh("rm -rf own; mkdir own; echo >own/f; chown 1234:2345 own/f; chmod 4750 own/f");
  const owner = (name: string) => scene.text("exec", name, "stat", "-c", "%u:%g %a", "/tmp/own/f");
  await scene.text("cp", host.name("own"), box.name(""));
  expect(await owner("box")).toBe("1234:2345 4750");
  await scene.text("run", "-d", "--name", "user", "-u", "33:34", "--network", "none", "busybox", "sleep", "1000");
  await scene.text("cp", host.name("own"), "user:/tmp");
  expect(await owner("user")).toBe("1234:2345 4750");
  await scene.text("cp", "-a", host.name("own"), "user:/tmp");
  expect(await owner("user")).toBe("33:34 4750");
});

test("what comes out is the caller's, without the powers it had of its owner; with -a it is as it was", async () => {
  await box.sh("rm -rf own; mkdir own; echo >own/f; chown 1234:2345 own/f; chmod 4755 own/f; mknod -m 666 own/zero c 1 5");
  const facts = (path: string) => {
    const { uid, gid, mode, rdev } = lstatSync(join(here, path));
    return [uid, gid, (mode & 0o7777).toString(8), rdev];
  };
  await scene.text("cp", box.name("own"), host.name("mine"));
  const zero = statSync("/dev/zero").rdev;
  expect([facts("mine/f"), facts("mine/zero")]).toEqual([
    [0, 0, "755", 0],
    [0, 0, "600", zero],
  ]);
  await scene.text("cp", "-a", box.name("own"), host.name("theirs"));
  expect([facts("theirs/f"), facts("theirs/zero")]).toEqual([
    [1234, 2345, "4755", 0],
    [0, 0, "666", zero],
  ]);
});

test("a directory's content going into another leaves that one as it is", async () => {
  await host.sh("rm -rf into src; mkdir into; mkdir -m 700 src; echo >src/f; chown 5:6 into; chmod 2751 into");
  await box.sh("rm -rf src; mkdir -m 700 src; echo >src/g");
  await scene.text("cp", `${box.name("src")}/.`, host.name("into"));
  expect(await host.sh("stat -c '%u:%g %a' into; ls into")).toBe("5:6 2751\ng");
});

test("a device is no destination, and an archive wants a directory", async () => {
  expect((await scene.error("cp", box.name("f"), "/dev/null")).message).toContain("must be a directory or a regular file");
  await expect(scene.feed("", "cp", "-", "box:/etc/passwd")).rejects.toMatchObject({
    message: 'destination "box:/etc/passwd" must be a directory',
    exit: 1,
  });
  expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
});

describe.each(["create", "create --rm", "run"])("a container that was made by %s and does not run", (line) => {
  const name = line.replaceAll(/\W+/g, "");
  beforeAll(async () => {
    mkdirSync(join(here, name));
    writeFileSync(join(here, "one"), "one\n");
    const mounts = [
      "-v",
      `${name}:/data/deep`,
      "-v",
      `${join(here, name)}:/bind`,
      "-v",
      `${join(here, "one")}:/etc/one:ro`,
      "-v",
      `${name}ro:/ro:ro`,
    ];
    await scene.text(...line.split(" "), "--name", name, "--network", "none", "-w", "/work/dir", ...mounts, "busybox", "true");
  });

  test("shows its mounts and its working directory, and takes files there", async () => {
    for (const directory of ["/data/deep", "/bind", "/work/dir/"]) {
      await scene.text("cp", join(here, "one"), `${name}:${directory}`);
      await scene.text("cp", `${name}:${directory.replace(/\/$/, "")}/one`, join(here, "back"));
      expect(readFileSync(join(here, "back"), "utf8")).toBe("one\n");
    }
    const { Mountpoint } = await scene.engine.volumes.inspect(name);
    expect(readFileSync(join(Mountpoint, "one"), "utf8")).toBe("one\n");
    expect(readFileSync(join(here, name, "one"), "utf8")).toBe("one\n");
    await scene.text("cp", `${name}:/etc/one`, join(here, "back"));
  });

  test("refuses a read-only volume", async () => {
    expect((await scene.error("cp", join(here, "one"), `${name}:/ro`)).message).toContain("mounted volume is marked read-only");
  });
});

test("a read-only root takes nothing, running or not, but its volumes do", async () => {
  writeFileSync(join(here, "one"), "one\n");
  await scene.text("create", "--name", "fixed", "--read-only", "--network", "none", "-v", "open:/v", "busybox", "sleep", "1000");
  for (const verb of ["inspect", "start"]) {
    await scene.text(verb, "fixed");
    expect((await scene.error("cp", join(here, "one"), "fixed:/tmp")).message).toContain("container rootfs is marked read-only");
    await scene.text("cp", join(here, "one"), "fixed:/v");
  }
});

test("what is mounted below a bind's source stays mounted on the host after a look at a container that does not run", async () => {
  const tree = join(here, "mounted");
  mkdirSync(join(tree, "below"), { recursive: true });
  const mount = (...words: string[]) => execFileSync("mount", words);
  mount("-t", "tmpfs", "tmpfs", tree);
  try {
    mount("--make-shared", tree);
    mkdirSync(join(tree, "below"));
    mount("-t", "tmpfs", "tmpfs", join(tree, "below"));
    writeFileSync(join(tree, "below/file"), "below\n");
    await scene.text("create", "--name", "looking", "--network", "none", "-v", `${tree}:/m`, "busybox", "true");
    await scene.text("cp", "looking:/m/below/file", join(here, "back"));
    expect(readFileSync(join(tree, "below/file"), "utf8")).toBe("below\n");
  } finally {
    execFileSync("umount", ["-R", "-l", tree]);
  }
});

test("the names in an archive on standard output are docker's", async () => {
  await scene.text("exec", "box", "sh", "-c", "mkdir -p /names/dir; touch /names/dir/x; ln -s dir /names/link");
  const names = async (...words: string[]) =>
    execFileSync("tar", ["t"], { input: (await scene.feed("", "cp", ...words, "-")).output, encoding: "utf8" })
      .trim()
      .split("\n");
  expect(await names("box:/names/dir")).toEqual(["dir/", "dir/x"]);
  expect(await names("box:/names/dir/")).toEqual(["dir/", "dir/x"]);
  expect(await names("box:/names/dir/.")).toEqual(["./", "./x"]);
  expect(await names("-L", "box:/names/link")).toEqual(["dir/", "dir/x"]);
  expect(await names("box:/names/link")).toEqual(["link"]);
});
