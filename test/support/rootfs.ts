/** Base root file systems for tests, made from the host's own packages, as no registry is reachable. Cached. */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "/root", ".cache"), "berth-test");

/** Makes the file once; parallel makers race to one rename. */
export function cached(name: string, make: (target: string, work: string) => void): string {
  const file = join(cache, name);
  if (existsSync(file)) return file;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(tmpdir(), "berth-rootfs-"));
  try {
    make(join(work, "out"), work);
    execFileSync("mv", ["-f", join(work, "out"), `${file}.${process.pid}`]);
    renameSync(`${file}.${process.pid}`, file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return file;
}

/** A tar of a small root file system around the host's static busybox (package busybox-static): every applet, root and a few users. */
export function busyboxTar(): string {
  return cached("busybox.tar", (target, work) => {
    const root = join(work, "root");
    for (const directory of ["bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "usr/bin", "usr/sbin", "sbin", "var/tmp"]) {
      mkdirSync(join(root, directory), { recursive: true });
    }
    for (const directory of ["tmp", "var/tmp"]) chmodSync(join(root, directory), 0o1777);
    copyFileSync("/bin/busybox", join(root, "bin/busybox"));
    chmodSync(join(root, "bin/busybox"), 0o755);
    for (const applet of execFileSync("/bin/busybox", ["--list"], { encoding: "utf8" }).trim().split("\n")) {
      if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
    }
    writeFileSync(join(root, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\napp:x:1000:1000:app:/home:/bin/sh\n");
    writeFileSync(join(root, "etc/group"), "root:x:0:\nnogroup:x:65534:\napp:x:1000:\nextra:x:2000:app\n");
    execFileSync("tar", ["-C", root, "--owner=0", "--group=0", "--numeric-owner", "--sort=name", "--mtime=@1700000000", "-cf", target, "."]);
  });
}
