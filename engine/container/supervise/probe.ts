/** Running one health check inside a container, and recording its result. */
import { Writable } from "node:stream";
import type { Ground } from "../../state/ground.ts";
import { type ContainerRecord, emitContainer, findById, type Health, judge, timestamp } from "../record/index.ts";
import { execInContainer } from "../session/index.ts";

/** Bytes of a probe's output that the record keeps. */
const longestOutput = 4096;
/** docker's exit code of a probe that could not be run, or took too long. */
const noExit = -1;

/** ["CMD-SHELL", "curl …"] → the container's shell with it. */
function probeCommand({ config }: Pick<ContainerRecord, "config">, [kind, ...words]: string[]): string[] {
  return kind === "CMD" ? words : [...(config.Shell ?? ["/bin/sh", "-c"]), words.join(" ")];
}

/** Runs one probe and records it, unless the run of the container ends first. */
export async function probeHealth(ground: Ground, record: ContainerRecord, health: Health, ended: AbortSignal): Promise<void> {
  const Start = timestamp();
  const { ExitCode, Output } = await runProbe(ground, record, health, ended);
  const now = findById(ground, record.id);
  if (now?.status !== "running" || now.started !== record.started) return;
  const inStartPeriod = Date.parse(Start) - Date.parse(now.started) < health.StartPeriod / 1e6;
  const after = judge(health, now.health, { Start, End: timestamp(), ExitCode, Output }, inStartPeriod);
  ground.db.run(
    "UPDATE containers SET health = ? WHERE id = ? AND started = ? AND status = 'running'",
    JSON.stringify(after),
    record.id,
    record.started,
  );
  if (after.Status !== (now.health?.Status ?? "starting")) emitContainer(ground, now, `health_status: ${after.Status}`);
}

async function runProbe(
  ground: Ground,
  record: ContainerRecord,
  health: Health,
  ended: AbortSignal,
): Promise<{ ExitCode: number; Output: string }> {
  const output = new LimitedOutput();
  const timeout = AbortSignal.timeout(Math.max(1, Math.round(health.Timeout / 1e6)));
  try {
    const { exitCode = noExit } = await execInContainer(
      ground,
      record.id,
      { Cmd: probeCommand(record, health.Test) },
      { stdout: output.sink(), stderr: output.sink() },
      AbortSignal.any([timeout, ended]),
      "SIGKILL",
    );
    return { ExitCode: exitCode, Output: output.text };
  } catch (error) {
    if (!timeout.aborted) return { ExitCode: noExit, Output: (error as Error).message };
    const written = output.text ? `: ${output.text}` : "";
    return { ExitCode: noExit, Output: `Health check exceeded timeout (${inSeconds(health.Timeout)})${written}` };
  }
}

function inSeconds(nanoseconds: number): string {
  return nanoseconds < 1e9 ? `${nanoseconds / 1e6}ms` : `${nanoseconds / 1e9}s`;
}

/** The beginning of what a probe writes, to both streams. */
export class LimitedOutput {
  readonly #parts: Buffer[] = [];
  #left = longestOutput;
  #isCut = false;

  sink(): Writable {
    return new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        // A copy: a part of a chunk would keep the whole in memory, as long as the probe goes on writing.
        if (this.#left > 0) this.#parts.push(Buffer.from(chunk.subarray(0, this.#left)));
        this.#isCut ||= chunk.length > this.#left;
        this.#left = Math.max(0, this.#left - chunk.length);
        done();
      },
    });
  }
  get text(): string {
    return Buffer.concat(this.#parts).toString() + (this.#isCut ? "..." : "");
  }
}
