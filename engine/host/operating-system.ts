/** What `info` and `version` say of the operating system. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { findProgram, runProcess } from "../process/spawn.ts";
import { selectRuntime } from "../runtime/index.ts";
import type { Ground } from "../state/ground.ts";

const releaseFiles = ["/etc/os-release", "/usr/lib/os-release"];

/** PRETTY_NAME of os-release(5). */
export function operatingSystem(files = releaseFiles): string {
  return releaseField("PRETTY_NAME", files) || "Linux";
}

/** VERSION_ID of os-release(5): "12"; "" where releases have no number. */
export function operatingSystemVersion(files = releaseFiles): string {
  return releaseField("VERSION_ID", files);
}

function releaseField(name: string, files: readonly string[]): string {
  const file = files.find((path) => existsSync(path));
  const value = file && new RegExp(`^${name}=(.*)$`, "m").exec(readFileSync(file, "utf8"))?.[1];
  return value ? value.replaceAll(/^["']|["']$/g, "") : "";
}

/** "runc" and what it answers to --version; empty strings when there is none. */
export async function runtimeVersion(ground: Ground): Promise<{ name: string; version: string }> {
  try {
    const { name, path } = await selectRuntime(ground);
    return { name, version: await programVersion(path) };
  } catch {
    return { name: "", version: "" }; // `info` describes a broken host too; `doctor` says what is wrong with it
  }
}

interface Said {
  /** The file that said it. */
  file: string;
  version: Promise<string>;
}

/** By paths. Clients of a server ask several times a build. */
const said = new Map<string, Said>();

/** The word after "version" in what a program says of itself: asked once, and again when another file is in its place. "" for none. */
export async function programVersion(name: string): Promise<string> {
  const program = findProgram(name);
  const stats = program === undefined ? undefined : statSync(program, { throwIfNoEntry: false });
  if (program === undefined || stats === undefined) return "";
  const file = [stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join();
  const known = said.get(program);
  if (known?.file === file) return known.version;
  const version = askVersion(program);
  said.set(program, { file, version });
  version.catch(() => said.delete(program));
  return version;
}

async function askVersion(program: string): Promise<string> {
  const { stdout } = await runProcess(program, ["--version"]);
  return /version:?\s+(\S+)/.exec(stdout)?.[1] ?? stdout.trim().split(/\s+/).at(-1) ?? "";
}

/** Go's name of the architecture, as docker prints it. */
export function architecture(): string {
  return { x64: "amd64", ia32: "386" }[process.arch as string] ?? process.arch;
}
