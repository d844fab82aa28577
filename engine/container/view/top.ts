/** `top`: ps(1) on the host, of the container's processes only. */
import { EngineError } from "../../errors.ts";
import { findProgram, runProcess } from "../../process/spawn.ts";
import { cgroupProcesses } from "../../runtime/cgroup.ts";
import type { Ground } from "../../state/ground.ts";
import { groupOf } from "../process/index.ts";
import { findContainer, isRunning, refuseRestarting } from "../record/index.ts";
import type { ProcessTable } from "../types.ts";

/** Why there is no table of processes where ps(1) is missing. */
export const noProcessStatus = 'cannot find "ps"';

/** See index.ts. @throws EngineError `conflict`, `not-running`, `invalid` (options of ps), `unsupported` */
export async function listProcesses(ground: Ground, ref: string, psArgs: string[] = []): Promise<ProcessTable> {
  const record = findContainer(ground, ref);
  refuseRestarting(record);
  if (!isRunning(record)) throw new EngineError("not-running", `container ${record.id} is not running`);
  const ps = findProgram("ps");
  if (!ps) throw new EngineError("unsupported", noProcessStatus, { hint: "install the package procps" });
  const args = psArgs.length > 0 ? psArgs : ["-ef"];
  const { status, stdout, stderr } = await runProcess(ps, args);
  if (status !== 0) throw new EngineError("invalid", `ps: ${stderr.trim().split("\n", 1)[0] || `status ${status}`}`);
  return selectProcesses(stdout, new Set(cgroupProcesses(groupOf(ground, record.id))));
}

/** Pure. The last column takes all that is left, as commands have blanks. */
export function selectProcesses(output: string, pids: ReadonlySet<number>): ProcessTable {
  const [header = "", ...lines] = output.trimEnd().split("\n");
  const Titles = header.trim().split(/\s+/);
  const at = Titles.indexOf("PID");
  if (at < 0)
    throw new EngineError("invalid", "Couldn't find PID field in ps output", { hint: "choose options of ps that show the PID column" });
  const Processes = lines.map((line) => splitColumns(line, Titles.length)).filter((columns) => pids.has(Number(columns[at])));
  return { Titles, Processes };
}

function splitColumns(line: string, count: number): string[] {
  const words = line.trim().split(/\s+/);
  return [...words.slice(0, count - 1), words.slice(count - 1).join(" ")];
}
