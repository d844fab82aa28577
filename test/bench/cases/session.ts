/**
 * Containers in one session: a REPL script for berth, a shell loop for those that have no session. Per container; and as a share of
 * what `runc run` alone takes, which makes no network, no root file system and no record.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Case } from "../case.ts";
import { type Contender, image } from "../contender.ts";
import { outputOf, timeOf } from "../measure.ts";

const count = 50;

/** Milliseconds for each container. */
function sessionTime(contender: Contender): number {
  const input = `run --rm ${image} true\n`.repeat(count);
  return timeOf(contender.command("repl"), { input }) / count;
}

const loopTime = (line: readonly string[], after = ""): number =>
  timeOf(["sh", "-ec", `for i in $(seq ${count}); do ${line.map((word) => `'${word}'`).join(" ")}${after}; done`]) / count;

export const session: Case = {
  id: "session",
  title: `${count} × run --rm busybox true in one session, each`,
  aim: "≤ 45 ms with runc, ≤ 20 ms with crun",
  runs: 3,
  sample: (contender) => (contender.name === "berth" ? sessionTime(contender) : loopTime(contender.command("run", "--rm", image, "true"))),
};

const model = "bench-model";
const bundleOf = ({ root }: Contender) => join(root, "..", "bare-bundle");

/** A bundle of the same container, by the configuration of one that runs: its root and its network namespace serve for all. */
function makeBundle(contender: Contender): void {
  const id = outputOf(contender.command("--runtime", "runc", "run", "-d", "--name", model, image, "sleep", "86400")).trim();
  const config = JSON.parse(readFileSync(join(contender.root, "containers", id, "bundle/config.json"), "utf8")) as {
    process: { args: string[] };
    linux: { cgroupsPath: string };
  };
  config.process.args = ["true"];
  config.linux.cgroupsPath = "/bench/bare";
  mkdirSync(bundleOf(contender));
  writeFileSync(join(bundleOf(contender), "config.json"), JSON.stringify(config));
}

export const sessionShare: Case = {
  id: "session-share",
  title: "a run in a session, in % of a bare `runc run` of its bundle",
  aim: "≤ 70 %",
  runs: 3,
  prepare(contender) {
    if (contender.name === "berth") makeBundle(contender);
  },
  finish(contender) {
    if (contender.name !== "berth") return;
    outputOf(contender.command("rm", "-f", model));
    rmSync(bundleOf(contender), { recursive: true, force: true });
  },
  sample(contender) {
    if (contender.name !== "berth") return undefined;
    const bare = loopTime(["runc", "--root", join(bundleOf(contender), "state"), "run", "--bundle", bundleOf(contender)], " bare$i");
    return (sessionTime(contender) / bare) * 100;
  },
};
