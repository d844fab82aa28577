/** Other users of the host: they read nothing of the state directory and run nothing in it, whatever the umask it was made under. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launcher } from "../support/driver.ts";
import { busyboxTar } from "../support/rootfs.ts";
import { outcomeOf, Program } from "./program.ts";

const nobody = 65534;
const modeOf = (path: string) => (lstatSync(path).mode & 0o7777).toString(8);

/** Runs berth under a umask. */
const under = (program: Program, umask: string, ...args: string[]) =>
  outcomeOf(
    spawn("sh", ["-c", 'umask "$0"; exec "$@"', umask, launcher, ...args], {
      env: { PATH: process.env["PATH"], ...program.env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );

const asNobody = (path: string, ...args: string[]) =>
  outcomeOf(spawn(path, args, { uid: nobody, gid: nobody, stdio: ["ignore", "pipe", "pipe"] })).catch(
    (error: { code?: string }) => error.code,
  );

function modes(root: string): Record<string, string> {
  const names = [
    "",
    "run",
    "run/exits",
    "run/locks",
    "run/netns",
    "run/runtime",
    "containers",
    "volumes",
    "layers",
    "blobs",
    "build",
    "tmp",
    "l",
  ];
  const directories = Object.fromEntries(names.map((name) => [name, modeOf(join(root, name))]));
  const files = ["berth.db", "berth.db-wal", "berth.db-shm", "reserve", "run/notify"].filter((name) => existsSync(join(root, name)));
  return { ...directories, ...Object.fromEntries(files.map((name) => [name, modeOf(join(root, name))])) };
}

test.each(["000", "022", "077"])("a state directory made under umask %s", async (umask) => {
  await using program = new Program();
  const { root } = program;
  chmodSync(root, 0o755);
  const berth = (...args: string[]) => under(program, umask, ...args);
  expect(await berth("import", busyboxTar(), "busybox")).toMatchObject({ status: 0 });
  const setuid = "cp /bin/busybox /su; chmod 4755 /su; cp /su /data/su; sleep 1000";
  const { stdout } = await berth(
    "run",
    "-d",
    "--name",
    "rooted",
    "-e",
    "SECRET=hunter2",
    "-v",
    "kept:/data",
    "busybox",
    "sh",
    "-c",
    setuid,
  );
  const id = stdout.trim();
  await program.ok(["exec", "rooted", "sh", "-c", "while [ ! -u /data/su ]; do :; done"]);

  expect(Object.entries(modes(root)).filter(([, mode]) => mode !== "700" && mode !== "600")).toEqual([]);
  expect(modes(root)).toMatchObject({ "": "700", containers: "700", volumes: "700", layers: "700", "berth.db": "600" });
  for (const path of [`containers/${id}/upper/su`, `containers/${id}/merged/su`, "volumes/kept/_data/su"]) {
    expect(statSync(join(root, path)).mode & 0o4000).toBe(0o4000);
    expect(await asNobody(join(root, path), "id", "-u")).toBe("EACCES");
  }
  expect(await asNobody("/bin/cat", join(root, "berth.db"))).toMatchObject({ status: 1, stdout: "" });
  expect(readFileSync(join(root, "berth.db")).length).toBeGreaterThan(0);

  // What an older berth, or somebody, left open is closed by the next command.
  for (const name of ["", "run", "containers", "volumes", "layers"]) chmodSync(join(root, name), 0o755);
  chmodSync(join(root, "berth.db"), 0o666);
  await program.ok(["ps"]);
  expect(Object.entries(modes(root)).filter(([, mode]) => mode !== "700" && mode !== "600")).toEqual([]);
});

test.each(["crun", "runc"])("a container's own user is not kept out by a umask of 077 (%s)", async (runtime) => {
  await using program = new Program({ BERTH_RUNTIME: runtime });
  const berth = (...args: string[]) => under(program, "077", ...args);
  expect(await berth("import", busyboxTar(), "busybox")).toMatchObject({ status: 0 });
  await program.ok(["network", "create", "named"]);
  const look =
    "cat /etc/hosts /etc/resolv.conf /etc/hostname >/dev/null && ls /data /made/here /.dockerenv && umask && nslookup peer | grep -c Name";
  expect(await berth("run", "-d", "--name", "peer", "--network", "named", "busybox", "sleep", "1000")).toMatchObject({ status: 0 });
  const line = ["--network", "named", "-u", String(nobody), "-v", "kept:/data", "-w", "/made/here", "busybox", "sh", "-c", look];
  const seen = { status: 0, stderr: "", stdout: "/.dockerenv\n\n/data:\n\n/made/here:\n0022\n1\n" };
  expect(await berth("run", "--rm", ...line)).toEqual({ ...seen, stdout: expect.stringContaining("0022\n1\n") });
  expect(await berth("run", "--name", "monitored", ...line)).toEqual({ ...seen, stdout: expect.stringContaining("0022\n1\n") });
  const work = mkdtempSync(join(tmpdir(), "berth-umask-"));
  try {
    writeFileSync(
      join(work, "Dockerfile"),
      "FROM busybox\nUSER 65534\nWORKDIR /w/x\nRUN <<EOF\nls /w/x && cat /etc/hosts > /dev/null\nEOF\n",
    );
    expect(await berth("build", "-q", "-t", "built", work)).toMatchObject({ status: 0 });
    expect(await berth("run", "--rm", "-v", `${work}/bound:/b`, "built", "ls", "-d", "/w/x", "/b")).toMatchObject({ stdout: "/b\n/w/x\n" });
    expect(modeOf(join(work, "bound"))).toBe("755"); // as docker's daemon makes it
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});

test.each([
  ["077", "600", "700"],
  ["027", "640", "750"],
])("files that are the user's keep to the user's umask: %s", async (umask, file, directory) => {
  await using program = new Program();
  const berth = (...args: string[]) => under(program, umask, ...args);
  await program.ok(["import", busyboxTar(), "busybox"]);
  const work = mkdtempSync(join(tmpdir(), "berth-umask-"));
  try {
    const at = (name: string) => join(work, name);
    writeFileSync(at("Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
    expect(await berth("create", "--cidfile", at("cid"), "busybox", "sh")).toMatchObject({ status: 0 });
    expect(await berth("build", "-o", `type=tar,dest=${at("made/out.tar")}`, work)).toMatchObject({ status: 0 });
    expect(await berth("build", "--iidfile", at("iid"), work)).toMatchObject({ status: 0 });
    const script = `ps > ${at("listed")}\n! touch ${at("touched")}\n`;
    writeFileSync(at("script"), script);
    expect(await berth("repl", at("script"))).toMatchObject({ status: 0 });
    for (const name of ["iid", "made/out.tar", "listed", "touched"]) expect([name, modeOf(at(name))]).toEqual([name, file]);
    expect(modeOf(at("cid"))).toBe((0o644 & Number.parseInt(file, 8)).toString(8));
    expect(modeOf(at("made"))).toBe(directory);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
