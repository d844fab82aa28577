/**
 * Runs the isolation cases by a program with docker's command line, and gives what their containers saw.
 *
 *   node test/support/isolation.ts record    # records docker's answers (needs a dockerd that DOCKER_HOST names)
 *   node test/support/isolation.ts compare   # prints where berth's differ from the recorded ones
 *
 * Without CAP_SYS_RESOURCE dockerd cannot run privileged containers: record on a machine that has it, or give dockerd a
 * runtime that takes the name out of config.json first. No network is needed (dockerd --bridge=none --iptables=false).
 */
import { deepEqual } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unmountBelow } from "./engine.ts";
import { eventually } from "./eventually.ts";
import { cases, type IsolationCase } from "./isolation-cases.ts";
import { isIntended, type TestedRuntime, testedRuntimes } from "./isolation-intended.ts";
import { layout, probe, readSight, type Sight } from "./isolation-probe.ts";
import { footprint, nothing } from "./leaks.ts";
import { busyboxTar } from "./rootfs.ts";

/** What one case showed: the probe's sections, or a command's output. */
export interface Observation {
  status: number;
  sight?: Sight;
  output?: string[];
}

export interface Recording {
  /** Control groups of the machine it was recorded on: "v1", "hybrid", "v2". */
  layout: string;
  version: string;
  cases: Record<string, Observation>;
}

export const recordingFile = fileURLToPath(new URL("../testdata/isolation/docker.json", import.meta.url));
const launcher = fileURLToPath(new URL("../../bin/berth", import.meta.url));

/** A program and the words before the verb. */
export interface Engine {
  program: string;
  args: string[];
}

export const docker: Engine = { program: "docker", args: [] };
export const berthAt = (root: string, runtime: TestedRuntime = "crun"): Engine => ({
  program: launcher,
  args: ["--root", root, "--runtime", runtime],
});

/** Files that the cases mount or name. */
export function makeScratch(): { dir: string } & Disposable {
  const dir = mkdtempSync(join(tmpdir(), "berth-isolation-"));
  mkdirSync(join(dir, "data"));
  writeFileSync(join(dir, "data/file"), "127.0.0.1 written\n");
  writeFileSync(join(dir, "env"), '# a comment\nFROM_FILE=1\nQUOTED="kept"\nSPACES=a b  c\n\nEMPTY=\n');
  const rule = { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO" };
  writeFileSync(join(dir, "seccomp.json"), JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule] }));
  // Propagation can be asked for only where the host shares a mount.
  execFileSync("mount", ["--bind", dir, dir]);
  execFileSync("mount", ["--make-shared", dir]);
  const dispose = () => {
    execFileSync("umount", ["-l", dir]);
    rmSync(dir, { recursive: true, force: true });
  };
  return { dir, [Symbol.dispose]: dispose };
}

export function importBusyboxInto({ program, args }: Engine): void {
  execFileSync(program, [...args, "import", "--change", 'CMD ["sh"]', busyboxTar(), "busybox:isolation"], { stdio: "pipe" });
}

/** Runs one case to its end. */
export async function observe(engine: Engine, { name, flags, command, tty }: IsolationCase, dir: string): Promise<Observation> {
  const given = flags.map((word) => word.replaceAll("{dir}", dir));
  const network = given.includes("--network") ? [] : ["--network", "none"];
  const container = `isolation-${name.replaceAll(/[^a-z]/g, "-")}-${process.pid}`;
  const line = [
    ...engine.args,
    "run",
    "--rm",
    "--name",
    container,
    ...network,
    ...given,
    "busybox:isolation",
    ...(command ?? ["sh", "-c", probe]),
  ];
  const { status, stdout } = await runToEnd(engine.program, line, tty ?? false);
  if (command) return { status, output: stdout.replaceAll("\r", "").trim().split("\n").filter(Boolean) };
  const id = /^\d+:.*?\/(?:docker|berth)\/([0-9a-f]{64})/m.exec(stdout)?.[1] ?? /^HOSTNAME=([0-9a-f]{12})$/m.exec(stdout)?.[1] ?? "";
  const sight = readSight(stdout, [
    [id, "ID"],
    [id.slice(0, 12), "ID12"],
    [dir, "DIR"],
    ["/docker/", "/ENGINE/"],
    ["/berth/", "/ENGINE/"],
  ]);
  return { status, sight };
}

function runToEnd(program: string, line: string[], tty: boolean): Promise<{ status: number; stdout: string }> {
  const [file, args] = tty ? ["script", ["-qec", [program, ...line].map(quote).join(" "), "/dev/null"]] : [program, line];
  const child = spawn(file, args, { stdio: ["ignore", "pipe", process.env["ISOLATION_STDERR"] ? "inherit" : "ignore"] });
  let stdout = "";
  child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ status: code ?? 255, stdout }));
  });
}

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

export async function observeAll(engine: Engine, chosen: readonly IsolationCase[] = cases): Promise<Recording["cases"]> {
  using scratch = makeScratch();
  const seen: Recording["cases"] = {};
  for (const each of chosen) seen[each.name] = await observe(engine, each, scratch.dir);
  return seen;
}

const usual = "default";

export function readRecording(): Recording {
  const recording = JSON.parse(readFileSync(recordingFile, "utf8")) as Recording;
  const base = recording.cases[usual]!.sight!;
  for (const seen of Object.values(recording.cases)) if (seen.sight) seen.sight = { ...base, ...seen.sight };
  return recording;
}

/** Sections that are as in the default case are left out of the file. */
function writeRecording(recording: Recording): void {
  const base = recording.cases[usual]!.sight!;
  for (const [name, seen] of Object.entries(recording.cases)) {
    if (name === usual || !seen.sight) continue;
    const own = Object.entries(seen.sight).filter(([section, lines]) => JSON.stringify(lines) !== JSON.stringify(base[section]));
    seen.sight = Object.fromEntries(own);
  }
  writeFileSync(recordingFile, `${JSON.stringify(recording, null, 2)}\n`);
}

/** Lines that only one of two has: "- …" the wanted one, "+ …" the seen one. */
export function differences(wanted: Observation, seen: Observation): string[] {
  const flat = ({ status, sight, output = [] }: Observation) => [
    `status ${status}`,
    ...output,
    ...Object.entries(sight ?? {}).flatMap(([section, lines]) => lines.map((line) => `${section}: ${line}`)),
  ];
  const [a, b] = [flat(wanted), flat(seen)];
  return [
    ...a.filter((line) => !b.includes(line)).map((line) => `- ${line}`),
    ...b.filter((line) => !a.includes(line)).map((line) => `+ ${line}`),
  ];
}

/** The same without what is meant to differ, and without what another layout of control groups shows otherwise. */
export function surprises(
  name: string,
  wanted: Observation,
  seen: Observation,
  { runtime = "crun", sameLayout = true }: { runtime?: TestedRuntime; sameLayout?: boolean } = {},
): string[] {
  return differences(wanted, seen).filter(
    (line) => !isIntended(name, line, runtime) && (sameLayout || !/^. (cgroups: |mounts: .*cgroup)/.test(line)),
  );
}

async function main([verb, only = ""]: string[]): Promise<void> {
  const chosen = cases.filter(({ name }) => name.includes(only));
  if (verb === "record") {
    importBusyboxInto(docker);
    const version = execFileSync("docker", ["version", "--format", "{{.Server.Version}}"], { encoding: "utf8" }).trim();
    writeRecording({ layout: layout(), version, cases: await observeAll(docker) });
    return;
  }
  const root = mkdtempSync(join(tmpdir(), "berth-isolation-root-"));
  try {
    importBusyboxInto(berthAt(root));
    const recorded = readRecording().cases;
    for (const runtime of testedRuntimes) {
      for (const [name, seen] of Object.entries(await observeAll(berthAt(root, runtime), chosen))) {
        const lines = surprises(name, recorded[name]!, seen, { runtime });
        if (lines.length > 0) process.stdout.write(`${name} with ${runtime}\n  ${lines.join("\n  ")}\n`);
      }
    }
  } finally {
    await eventually(() => deepEqual(footprint(root), nothing));
    unmountBelow(root);
    rmSync(root, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
