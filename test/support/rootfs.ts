/**
 * Base root file systems for tests, made from the host's own packages, as no registry need be reachable. Cached
 * between runs; `node test/support/rootfs.ts busybox python` makes them ahead of the tests, which takes minutes once.
 * So is the one program of others that tests want and the set-up does not install.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "../../engine/process/spawn.ts";

const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "berth-test");

/** Makes the file once and gives its path; parallel makers race to one rename, so a half-made file is never seen. */
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

/** The first of the places where distributions put the static busybox. */
function staticBusybox(): string {
  const found = ["/bin/busybox", "/usr/bin/busybox", "/bin/busybox.static", "/usr/bin/busybox-static"].find((path) => existsSync(path));
  if (!found) throw new Error("cannot make a busybox image: no static busybox on this host (package busybox-static)");
  return found;
}

/** A tar of a small root file system around the host's static busybox (package busybox-static): every applet, root and a few users. */
export function busyboxTar(): string {
  return cached("busybox.tar", (target, work) => {
    const busybox = staticBusybox();
    const root = join(work, "root");
    for (const directory of ["bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "usr/bin", "usr/sbin", "sbin", "var/tmp"]) {
      mkdirSync(join(root, directory), { recursive: true });
    }
    for (const directory of ["tmp", "var/tmp"]) chmodSync(join(root, directory), 0o1777);
    copyFileSync(busybox, join(root, "bin/busybox"));
    chmodSync(join(root, "bin/busybox"), 0o755);
    for (const applet of execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n")) {
      if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
    }
    writeFileSync(
      join(root, "etc/passwd"),
      "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\napp:x:1000:1000:app:/home:/bin/sh\n",
    );
    writeFileSync(join(root, "etc/group"), "root:x:0:\nnogroup:x:65534:\napp:x:1000:\nextra:x:2000:app\n");
    execFileSync("tar", [
      "-C",
      root,
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      "--sort=name",
      "--mtime=@1700000000",
      "-cf",
      target,
      ".",
    ]);
  });
}

/**
 * A tar of a Debian root file system with `python` and a working `pip install`: what tests tag as a stand-in for the
 * official python image. Several hundred megabytes of packages are unpacked: minutes the first time.
 */
export function pythonTar(): string {
  return cached("python.tar", (target, work) => {
    // Debian marks its Python as managed by apt (PEP 668), and pip refuses to install; the official image has no mark.
    const unmark = '--customize-hook=rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED';
    const packages = ["python3", "python-is-python3", "python3-pip", "ca-certificates"];
    const paths = ["doc", "man", "locale", "info"].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
    installDebian(target, work, packages, ["--variant=essential", "--format=tar", ...paths, unmark]);
  });
}

/**
 * Installs Debian (this machine's own release, from its own sources) with these packages.
 * @param target file or directory, as the options' format says
 * @param work a directory to work in
 * @param options further ones for mmdebstrap
 */
export function installDebian(target: string, work: string, packages: readonly string[], options: readonly string[]): void {
  const { suite, lines } = debianSources();
  const sources = join(work, "mirror.list");
  writeFileSync(sources, `${lines.join("\n")}\n`);
  const made = spawnSync("mmdebstrap", ["--quiet", `--include=${packages.join(",")}`, ...options, suite, target, sources], {
    cwd: "/",
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  });
  if (made.error) throw new Error(`cannot run "mmdebstrap": ${made.error.message}`, { cause: made.error });
  if (made.status !== 0) throw new Error(`cannot install Debian with mmdebstrap (status ${made.status}):\n${made.stderr.slice(-2000)}`);
}

/** Where this machine gets its Debian packages from, as apt itself reads its sources (one-line or deb822, any mirror). */
function debianSources(): { suite: string; lines: string[] } {
  const suite = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "stable";
  const format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
  const targets = execFileSync("apt-get", ["indextargets", "--format", format, "Created-By: Packages"], { encoding: "utf8" });
  const wanted = new Set([suite, `${suite}-updates`, `${suite}-security`]);
  const lines = targets
    .trim()
    .split("\n")
    .filter((line) => wanted.has(line.split(" ")[1] ?? ""))
    .map((line) => `deb ${line}`);
  if (lines.length === 0) throw new Error(`cannot make a Debian root file system: apt knows no source for "${suite}" (run apt-get update)`);
  return { suite, lines: [...new Set(lines)] };
}

/** A program out of a package of Debian's that is not installed, as that would start a service. */
function unpackedProgram(name: string, from: string, path: string): string {
  return cached(name, (target, work) => {
    execFileSync("apt-get", ["-q", "download", from], { cwd: work, stdio: ["ignore", "ignore", "pipe"] });
    const archive = readdirSync(work).find((file) => file.endsWith(".deb"));
    if (!archive) throw new Error(`cannot unpack ${from}: apt-get downloaded no package`);
    execFileSync("dpkg-deb", ["--extract", archive, "unpacked"], { cwd: work });
    copyFileSync(join(work, "unpacked", path), target);
  });
}

/**
 * The distribution project's registry: this machine's, else Debian's. Tests find it by PATH, which `npm test` leads into the
 * cache; our own stands in for it.
 */
export function registryProgram(): string {
  return findProgram("docker-registry") ?? unpackedProgram("docker-registry", "docker-registry", "usr/bin/docker-registry");
}

/** Docker's own command line, by a name that no test looks for in PATH: this machine's by Debian, else out of its package. */
export function dockerClient(): string {
  return existsSync("/usr/bin/docker") ? "/usr/bin/docker" : unpackedProgram("docker-client", "docker.io", "usr/bin/docker");
}

const makers: Record<string, () => string> = {
  busybox: busyboxTar,
  python: pythonTar,
  "docker-registry": registryProgram,
  "docker-client": dockerClient,
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of process.argv.slice(2)) process.stdout.write(`${makers[name]?.() ?? `cannot make "${name}": unknown`}\n`);
}
