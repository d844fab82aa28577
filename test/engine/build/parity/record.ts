/**
 * Records what docker builds of the cases, for machines without it.
 *
 *   node test/engine/build/parity/record.ts record [NAME]    # by the dockerd that DOCKER_HOST names, BuildKit needed
 *   node test/engine/build/parity/record.ts compare [NAME]   # prints where berth's images differ from the recorded ones
 *
 * No network is needed (dockerd --bridge=none --iptables=false).
 */
import { openTestEngine } from "../../../support/engine.ts";
import { berthOn } from "./berth.ts";
import { cases } from "./cases.ts";
import { docker, versionOfDocker } from "./docker.ts";
import { filesOfBase, importBase, observe } from "./observe.ts";
import { readRecording, surprises, writeRecording } from "./recording.ts";

const [verb, only = ""] = process.argv.slice(2);
const chosen = cases.filter(({ name }) => name.includes(only));

if (verb === "record") {
  await importBase(docker);
  const base = await filesOfBase(docker);
  const version = versionOfDocker();
  const known = only === "" ? {} : readRecording().cases;
  for (const each of chosen) {
    if (each.newer) continue;
    const { said, ...seen } = await observe(docker, each, base);
    known[each.name] = seen;
    writeRecording({ version, cases: known });
    if (said !== undefined) process.stdout.write(`${each.name}: refused\n  ${said.replaceAll("\n", "\n  ")}\n`);
  }
} else {
  await using opened = openTestEngine();
  const berth = berthOn(opened.engine);
  await importBase(berth);
  const base = await filesOfBase(berth);
  const recorded = readRecording().cases;
  for (const each of chosen) {
    const seen = await observe(berth, each, base);
    const lines = surprises(each, recorded[each.name], seen);
    if (lines.length > 0) process.stdout.write(`${each.name}\n  ${lines.join("\n  ")}\n${seen.said ? `  (${seen.said})\n` : ""}`);
  }
}
