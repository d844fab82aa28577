/**
 * `npm run bench`: medians of whole processes, berth beside docker and podman where they are installed, in the same
 * run, taking turns, so that a busy moment of the machine hits all of them. Prints a table, or JSON with --json. Nothing
 * is asserted. It runs in network, mount and process namespaces of its own, so that the host's rules and bridges stay
 * untouched, and that nothing outlives it, whatever ends it.
 *
 *     npm run bench -- [--only run,exec] [--against docker,podman] [--runs N] [--json]
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Case } from "./case.ts";
import {
  cachedBuild,
  cachedRunBuild,
  cachedSmallBuild,
  coldBuild,
  largeBuild,
  residentBuild,
  runTrue,
  stagesBuild,
} from "./cases/build.ts";
import { composeConfig, composeMemory, composeNoChange, composeUpDown } from "./cases/compose.ts";
import { exec } from "./cases/exec.ts";
import { language } from "./cases/language.ts";
import { logView } from "./cases/log-view.ts";
import { logsAll, logsTail } from "./cases/logs.ts";
import { inspect, logs, ps } from "./cases/ps.ts";
import { registries } from "./cases/registry.ts";
import { run } from "./cases/run.ts";
import { listMany, monitorMemory, removeMany, startingMany, statsOfMany } from "./cases/scale.ts";
import { served } from "./cases/serve.ts";
import { session, sessionShare } from "./cases/session.ts";
import { startUp } from "./cases/start-up.ts";
import { transfers } from "./cases/transfer.ts";
import { tui } from "./cases/tui.ts";
import { tuiUse } from "./cases/tui-use.ts";
import type { Contender } from "./contender.ts";
import { openBerth } from "./contenders/berth.ts";
import { openDocker } from "./contenders/docker.ts";
import { openPodman } from "./contenders/podman.ts";
import { type Samples, summarise } from "./measure.ts";

const cases: readonly Case[] = [
  startUp,
  ps,
  inspect,
  logs,
  run,
  exec,
  session,
  sessionShare,
  ...language,
  ...tui,
  ...tuiUse,
  cachedBuild,
  cachedSmallBuild,
  cachedRunBuild,
  coldBuild,
  runTrue,
  largeBuild,
  residentBuild,
  stagesBuild,
  startingMany,
  removeMany,
  statsOfMany,
  monitorMemory,
  listMany,
  logsTail,
  logsAll,
  ...logView,
  composeConfig,
  composeUpDown,
  composeNoChange,
  composeMemory,
  ...served,
  ...transfers,
  ...registries,
];

interface Row {
  case: Case;
  results: Partial<Record<Contender["name"], Samples>>;
}

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    against: { type: "string", default: "docker,podman" },
    runs: { type: "string", default: "" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const list = (text: string) => text.split(",").filter(Boolean);

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Set for the second start of this program: where all state goes. */
const scratch = process.env["BERTH_BENCH_SCRATCH"];

/**
 * Starts this program again in fresh namespaces. Their first process is a shell, which reaps what daemons leave to it;
 * with it, and it dies with us, the kernel ends all others.
 */
function enterNamespaces(): number {
  const directory = mkdtempSync(join(tmpdir(), "berth-bench-"));
  const interrupted = () => {}; // the inner one gets the same signal, and tidies up
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupted);
  try {
    const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const again = `ip link set lo up; "$0" "$@"`;
    const { status, error } = spawnSync("unshare", [...namespaces, "sh", "-c", again, process.execPath, ...process.argv.slice(1)], {
      stdio: "inherit",
      env: { ...process.env, BERTH_BENCH_SCRATCH: directory },
    });
    if (error) throw new Error(`cannot run "unshare": ${error.message}`, { cause: error });
    return status ?? 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function open(scratch: string): Promise<Contender[]> {
  const against = list(options.against);
  const contenders: Contender[] = [openBerth(scratch)];
  try {
    for (const [name, start] of [
      ["docker", openDocker],
      ["podman", openPodman],
    ] as const) {
      if (!against.includes(name)) continue;
      const contender = await start(scratch);
      if (contender) contenders.push(contender);
      else say(`${name} is not installed: left out`);
    }
    return contenders;
  } catch (error) {
    await close(contenders);
    throw error;
  }
}

/** Every one, also after one that failed. */
async function close(contenders: readonly Contender[]): Promise<void> {
  const ends = await Promise.allSettled(contenders.map((contender) => contender[Symbol.asyncDispose]()));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
}

let interrupted = false;

/** Samples block this thread: a signal is heard between two of them. */
async function heedSignals(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (interrupted) throw new Error("interrupted");
}

async function measure(benchmark: Case, contenders: readonly Contender[]): Promise<Row> {
  const runs = Number(options.runs) || benchmark.runs;
  const times = new Map<Contender["name"], number[]>();
  const prepared: Contender[] = [];
  try {
    for (const contender of contenders) {
      prepared.push(contender);
      await benchmark.prepare?.(contender);
    }
    for (let round = benchmark.isWarm ? 1 : 0; round <= runs; round++) {
      for (const contender of contenders) {
        await heedSignals();
        const time = await benchmark.sample(contender);
        if (benchmark.isWarm) say(`  ${contender.name} ${round} of ${runs}: ${time?.toFixed(0) ?? "-"}`);
        if (time === undefined || round === 0) continue;
        times.set(contender.name, [...(times.get(contender.name) ?? []), time]);
      }
    }
  } finally {
    for (const contender of prepared) await benchmark.finish?.(contender);
  }
  return { case: benchmark, results: Object.fromEntries([...times].map(([name, list]) => [name, summarise(list)])) };
}

function table(rows: readonly Row[], contenders: readonly Contender[]): string {
  const others = contenders.slice(1);
  const head = ["median of whole processes, ms unless said", "berth", ...others.flatMap(({ name }) => [name, "ratio"]), "aim"];
  const body = rows.map(({ case: { title, aim }, results }) => {
    const mine = results.berth?.median;
    const cells = others.flatMap(({ name }) => {
      const theirs = results[name]?.median;
      return theirs === undefined || mine === undefined ? ["-", "-"] : [theirs.toFixed(1), (mine / theirs).toFixed(2)];
    });
    return [title, mine?.toFixed(1) ?? "-", ...cells, aim];
  });
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => row[column]!.length)));
  const isText = (column: number) => column === 0 || column === head.length - 1;
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (isText(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ");
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

function report(rows: readonly Row[], contenders: readonly Contender[]): string {
  const machine = { cpu: cpus()[0]?.model, cpus: cpus().length, kernel: release(), date: new Date().toISOString() };
  const versions = Object.fromEntries(contenders.map(({ name, version }) => [name, version]));
  if (options.json)
    return JSON.stringify(
      { machine, versions, rows: rows.map(({ case: { id, title, aim }, results }) => ({ id, title, aim, results })) },
      undefined,
      2,
    );
  const about = `${machine.cpus} × ${machine.cpu}, Linux ${machine.kernel}; ${contenders.map(({ name, version }) => `${name} ${version}`).join(", ")}`;
  return `${about}\n\n${table(rows, contenders)}`;
}

async function main(): Promise<number> {
  if (options.help) {
    say(`npm run bench -- [--only ${cases.map(({ id }) => id).join(",")}] [--against docker,podman] [--runs N] [--json]`);
    return 0;
  }
  if (scratch === undefined) return enterNamespaces();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => (interrupted = true));
  const only = list(options.only);
  const isWanted = ({ id }: Case) => only.length === 0 || only.includes(id) || only.includes(id.split("/")[0]!);
  const contenders = await open(scratch);
  try {
    const rows: Row[] = [];
    for (const each of cases.filter(isWanted)) {
      say(`measuring ${each.title} …`);
      rows.push(await measure(each, contenders));
    }
    process.stdout.write(`${report(rows, contenders)}\n`);
  } finally {
    await close(contenders);
  }
  return 0;
}

process.exitCode = await main();
