/**
 * The set-up script: quick when nothing is missing, and one clear message, with nothing changed, when it cannot go on.
 * Programs are hidden by bind mounts in a mount namespace of the test's own.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findProgram } from "../../engine/process/spawn.ts";
import { home } from "../support/source-tree.ts";

/** A copy of what a clone holds that set-up looks at; without node_modules and dist. */
function clone(): string {
  const copy = mkdtempSync(join(tmpdir(), "berth-clone-"));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  for (const name of ["package.json", "package-lock.json", "tsconfig.json", "scripts", "engine", "src", "views"])
    cpSync(join(home, name), join(copy, name), { recursive: true });
  spawnSync("chmod", ["-R", "a+rX", copy]);
  return copy;
}

interface Machine {
  /** Programs that are not there. */
  without: readonly string[];
  root: boolean;
}

/** Runs set-up on a machine that lacks some programs, as root or as nobody. No registry can be reached. */
function setUp(directory: string, { without, root }: Machine, purpose = "") {
  const hidden = without.map((name) => findProgram(name)).filter((path) => path !== undefined);
  const hide = hidden.map((path) => `mount --bind /dev/null ${path} && `).join("");
  const user = root ? "" : "setpriv --reuid=65534 --regid=65534 --clear-groups ";
  const result = spawnSync("unshare", ["--mount", "sh", "-c", `${hide}exec ${user}"$0" scripts/setup.mjs ${purpose}`, process.execPath], {
    cwd: directory,
    encoding: "utf8",
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: "/nonexistent",
      npm_config_registry: "http://127.0.0.1:1/",
    },
  });
  return { status: result.status, stderr: result.stderr };
}

const managers = ["apt", "dnf", "pacman", "zypper", "apk"];

test("a user who is not root is told each distribution's command, and nothing is changed", () => {
  const directory = clone();
  const before = readdirSync(directory);
  const { status, stderr } = setUp(directory, { without: ["conmon"], root: false });
  expect(status).toBe(1);
  expect(stderr).toContain("this machine lacks conmon, and only root can install packages.");
  for (const manager of managers) expect(stderr).toMatch(new RegExp(`^  ${manager}: .*\\bconmon$`, "m"));
  expect(readdirSync(directory)).toEqual(before);
});

test("the init of 'run --init' is part of the set-up", () => {
  const { stderr } = setUp(clone(), { without: ["tini", "tini-static", "docker-init", "catatonit"], root: false });
  expect(stderr).toContain("this machine lacks an init for containers (tini)");
  expect(stderr).toMatch(/^ {2}apt: .*\btini$/m);
});

test("without apt even root is told", () => {
  const directory = clone();
  const { status, stderr } = setUp(directory, { without: ["conmon", "runc", "crun", "apt-get"], root: true });
  expect(status).toBe(1);
  expect(stderr).toContain("this machine lacks an OCI runtime (runc, crun), conmon, and this machine has no apt.");
  expect(stderr).toMatch(/dnf install -y runc crun conmon$/m);
  expect(existsSync(join(directory, "node_modules"))).toBe(false);
});

const whole: Machine = { without: [], root: true };
const dist = ["chunks", "engine.cjs", "layer-worker.cjs", "main.cjs", "quick", "sources.sha256", "types"];

test("the bundle is made where there is none, and not again", () => {
  const directory = clone();
  symlinkSync(join(home, "node_modules"), join(directory, "node_modules"));
  // Compiled before: it is the Bun that compiles again, and nothing is fetched.
  cpSync(join(home, "dist/quick"), join(directory, "dist/quick"), { recursive: true });
  expect(setUp(directory, whole)).toEqual({ status: 0, stderr: "berth setup: bundling …\n" });
  expect(readdirSync(join(directory, "dist")).sort()).toEqual(dist);
  expect(readdirSync(join(directory, "dist/quick")).sort()).toEqual(["berth", "calls.node", "exit"]);
  // Each thread reads its file anew: that has nothing of the rest.
  expect(readFileSync(join(directory, "dist/layer-worker.cjs"), "utf8")).not.toContain("chunks/");

  const made = () => dist.map((name) => statSync(join(directory, "dist", name)).ino);
  const before = made();
  expect(setUp(directory, whole)).toEqual({ status: 0, stderr: "" });
  expect(made()).toEqual(before);
});

test("without Bun there is a bundle for Node; development tools are asked for by tests and by the next bundle alone", () => {
  const directory = clone();
  symlinkSync(join(home, "node_modules"), join(directory, "node_modules"));
  const first = setUp(directory, whole);
  expect(first).toEqual({ status: 0, stderr: expect.stringMatching(/bundling …\nberth setup: Bun cannot be fetched.*\n$/) });
  expect(readdirSync(join(directory, "dist/quick"))).toEqual([]);

  rmSync(join(directory, "node_modules"));
  mkdirSync(join(directory, "node_modules/.bin"), { recursive: true });
  symlinkSync(process.execPath, join(directory, "node_modules/.bin/node"));
  const { packages, ...lock } = JSON.parse(readFileSync(join(home, "package-lock.json"), "utf8"));
  const kept = Object.entries<{ dev?: boolean }>(packages).filter(([, { dev }]) => !dev);
  writeFileSync(join(directory, "node_modules/.package-lock.json"), JSON.stringify({ ...lock, packages: Object.fromEntries(kept) }));
  expect(setUp(directory, whole)).toEqual({ status: 0, stderr: "" });
  const installing = { status: 1, stderr: expect.stringMatching(/^berth setup: installing npm packages …\n\nberth setup: npm ci failed/) };
  expect(setUp(directory, whole, "--test")).toEqual(installing);
  writeFileSync(join(directory, "tsconfig.json"), "{}");
  expect(setUp(directory, whole)).toEqual(installing);
});
