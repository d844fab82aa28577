/** Docker's command line with its plugins buildx and compose, newer than this machine's Debian has them: out of the packages of later ones. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cached } from "./rootfs.ts";

/** trixie, whose versions stay: docker 26.1, buildx 0.13, compose 2.26. forky, where they are docker's newest: 28.5, 0.29, 2.40 or later. */
type Release = "trixie" | "forky";
const packages = ["docker-cli", "docker-buildx", "docker-compose"];
const programs = ["usr/bin/docker", "usr/libexec/docker/cli-plugins/docker-buildx", "usr/libexec/docker/cli-plugins/docker-compose"];

/** A directory with "docker", and what a DOCKER_CONFIG has below it: "cli-plugins". Downloads them when they are not there. */
export function dockerClients(release: Release = "trixie"): string {
  return cached(`docker-${release}`, (target, work) => {
    const env = { ...process.env, APT_CONFIG: aptConfig(work, release) };
    const apt = (...args: string[]) => execFileSync("apt-get", ["-q", ...args], { cwd: work, env, stdio: ["ignore", "ignore", "pipe"] });
    apt("update");
    apt("download", ...packages);
    for (const file of readdirSync(work).filter((name) => name.endsWith(".deb")))
      execFileSync("dpkg-deb", ["--extract", file, "unpacked"], { cwd: work });
    mkdirSync(join(target, "cli-plugins"), { recursive: true });
    for (const path of programs)
      copyFileSync(join(work, "unpacked", path), join(target, path.replace(/^.*\/(?=cli-plugins\/)|^usr\/bin\//, "")));
  });
}

/** An apt of its own lists, so that this machine's stay as they are. */
function aptConfig(work: string, release: Release): string {
  const lines = execFileSync("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Component: main"], {
    encoding: "utf8",
  });
  const mirror = lines.split("\n").find((line) => /debian\/?$/.test(line));
  if (!mirror) throw new Error("cannot download docker's clients: apt knows no Debian (run apt-get update)");
  for (const directory of ["lists/partial", "archives/partial"]) mkdirSync(join(work, directory), { recursive: true });
  writeFileSync(join(work, "sources.list"), `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} ${release} main\n`);
  const settings = {
    ...{
      "Dir::Etc::SourceList": join(work, "sources.list"),
      "Dir::Etc::SourceParts": "/dev/null",
      "Dir::State::Lists": join(work, "lists"),
    },
    ...{ "Dir::Cache": work, "APT::Sandbox::User": "root" },
  };
  const file = join(work, "apt.conf");
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name} "${value}";\n`)
      .join(""),
  );
  return file;
}
