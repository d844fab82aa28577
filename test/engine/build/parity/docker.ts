/** docker by its command line; an image's files are what the layers of its `save` make, put on each other by GNU tar. */
import { execFileSync, spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Builder, OpenImage } from "./observe.ts";

/** DOCKER names another client than the first in PATH. */
const program = process.env["DOCKER"] ?? "docker";

export const docker: Builder = {
  async importImage(tar, name) {
    execFileSync(program, ["import", "--change", 'CMD ["sh"]', tar, name], {
      stdio: "pipe",
    });
  },
  async build(words) {
    const { status, stderr } = spawnSync(program, ["build", "--progress=plain", ...words], {
      encoding: "utf8",
      env: { ...process.env, DOCKER_BUILDKIT: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    if (stderr.includes("buildx component is missing")) throw new Error(`"${program}" cannot build with BuildKit: name another by DOCKER`);
    return status === 0
      ? { status }
      : {
          status: status ?? 255,
          said: stderr.trim().split("\n").slice(-3).join("\n"),
        };
  },
  async remove(names) {
    execFileSync(program, ["rmi", "-f", ...names], { stdio: "pipe" });
  },
  open: saveImage,
};

export function versionOfDocker(): string {
  return execFileSync(program, ["version", "--format", "{{.Server.Version}}"], {
    encoding: "utf8",
  }).trim();
}

/** Layers on each other by the image-spec's rules for whiteouts. */
async function saveImage(tag: string): Promise<OpenImage> {
  const work = mkdtempSync(join(tmpdir(), "berth-parity-image-"));
  const dispose = async () => rmSync(work, { recursive: true, force: true });
  try {
    execFileSync(program, ["save", "-o", join(work, "image.tar"), tag], {
      stdio: "pipe",
    });
    execFileSync("tar", ["--extract", `--file=${work}/image.tar`, `--directory=${work}`]);
    const [manifest] = JSON.parse(readFileSync(join(work, "manifest.json"), "utf8")) as { Config: string; Layers: string[] }[];
    const rootfs = join(work, "rootfs");
    mkdirSync(rootfs, { mode: 0o755 });
    for (const layer of manifest?.Layers ?? []) applyLayer(join(work, layer), rootfs);
    return {
      config: JSON.parse(readFileSync(join(work, manifest?.Config ?? ""), "utf8")),
      rootfs,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const prefix = ".wh.";

function applyLayer(layer: string, rootfs: string): void {
  const names = execFileSync("tar", ["--list", "--quoting-style=literal", `--file=${layer}`], { encoding: "utf8", maxBuffer: 64 << 20 });
  for (const name of names.split("\n")) {
    const [, parent = "", last = ""] = /^(.*\/)?([^/]+)$/.exec(name) ?? [];
    if (!last.startsWith(prefix)) continue;
    const hidden = last === ".wh..wh..opq" ? namesIn(join(rootfs, parent)) : [last.slice(prefix.length)];
    for (const each of hidden) rmSync(join(rootfs, parent, each), { recursive: true, force: true });
  }
  const keep = ["--xattrs", "--xattrs-include=*", "--same-owner", "--preserve-permissions", "--numeric-owner", `--exclude=${prefix}*`];
  execFileSync("tar", ["--extract", `--file=${layer}`, `--directory=${rootfs}`, ...keep], { stdio: "pipe" });
}

const namesIn = (path: string) => (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(path) : []);
