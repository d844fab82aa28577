/** What a build says while it runs: steps begin, speak and end. The faces turn it into text. */
import type { Material } from "../../attest/index.ts";
import type { SourceLocation } from "../../errors.ts";
import { EngineError, toEngineError } from "../../errors.ts";
import type { BuildEvent } from "../../events.ts";

export interface StepReport {
  log(stream: "stdout" | "stderr", data: Uint8Array): void;
  /** A counter; the same name replaces the earlier one. */
  status(name: string, current: number, options?: { total?: number; unit?: "bytes" | "files"; done?: boolean }): void;
}

export interface Progress {
  /** Runs `body` as a step: reports its begin and how it ended. */
  step<T>(name: string, body: (report: StepReport) => Promise<T>, location?: SourceLocation): Promise<T>;
  /** A step whose result was there already. */
  cached(name: string): void;
  warn(text: string, rule?: string, location?: SourceLocation): void;
  /** The build is made from this, too: told by whoever resolved it. */
  madeFrom(material: Material): void;
  readonly materials: readonly Material[];
  /** How many Dockerfile steps there were so far. */
  readonly count: { total: number; cached: number };
}

/** Is it one of the Dockerfile's steps? The others prepare and deliver. */
export const isCounted = (name: string): boolean => !name.startsWith("[internal]") && !name.startsWith("exporting");

/** @param emit where events go */
export function createProgress(emit: (event: BuildEvent) => void): Progress {
  let last = 0;
  const count = { total: 0, cached: 0 };
  const materials: Material[] = [];
  return {
    count,
    materials,
    madeFrom: (material) => void materials.push(material),
    async step(name, body, location) {
      const id = String(++last);
      if (isCounted(name)) count.total++;
      emit({ type: "step", id, name, status: "started", time: Date.now() });
      try {
        const result = await body({
          log: (stream, data) => emit({ type: "step-log", id, stream, data }),
          status: (label, current, options) => emit({ type: "step-status", id, name: label, current, ...options }),
        });
        emit({ type: "step", id, name, status: "done", time: Date.now() });
        return result;
      } catch (thrown) {
        const error = toEngineError(thrown);
        if (location) error.location ??= location;
        const status = error.code === "cancelled" ? "cancelled" : "failed";
        emit({
          type: "step",
          id,
          name,
          status,
          time: Date.now(),
          error: error.message,
          ...(error.location ? { location: error.location } : {}),
        });
        throw error;
      }
    },
    cached(name) {
      if (isCounted(name)) {
        count.total++;
        count.cached++;
      }
      emit({ type: "step", id: String(++last), name, status: "cached", time: Date.now() });
    },
    warn: (text, rule, location) => emit({ type: "warning", text, ...(rule ? { rule } : {}), ...(location ? { location } : {}) }),
  };
}

/** The same for one of several platforms: its steps are told apart by it, as BuildKit's. */
export function progressOf(progress: Progress, platform: string): Progress {
  const named = (name: string) => name.replace(/^\[(?!internal\]|context )/, `[${platform} `);
  return {
    ...progress,
    step: (name, body, location) => progress.step(named(name), body, location),
    cached: (name) => progress.cached(named(name)),
  };
}

/** Throws `cancelled` when the build was called off. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new EngineError("cancelled", "build cancelled");
}
