/** A build context in a directory of its own, and builds of it. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { House } from "../../../engine/house.ts";
import { resolveImage } from "../../../engine/image/store/resolve.ts";
import type { BuildEvent, BuildOptions, BuildResult, ImageConfig } from "../../../engine/index.ts";

export interface Project extends Disposable {
  directory: string;
  write(path: string, content: string | Uint8Array, mode?: number): void;
}

/** @param files path → content */
export function createProject(files: Record<string, string>): Project {
  const directory = mkdtempSync(join(tmpdir(), "berth-context-"));
  const write = (path: string, content: string | Uint8Array, mode = 0o644) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content, { mode });
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  return { directory, write, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}

export interface Built {
  result: BuildResult;
  events: BuildEvent[];
  /** Names of the Dockerfile's steps that ran, and those that were cached. */
  ran: string[];
  cached: string[];
  /** All output of RUN steps. */
  output: string;
  config: ImageConfig;
}

/** Builds a project and gives everything a test may look at. */
export async function buildProject(engine: House, project: Project, options: Partial<BuildOptions> = {}): Promise<Built> {
  const { events, end } = await collect(engine, { context: project.directory, ...options });
  const result = await end;
  const image = resolveImage(engine, result.ImageID ?? "");
  if (!image) throw new Error("the build gave no image");
  return { result, events, ...namesOf(events), output: outputOf(events), config: image.config };
}

/** Runs a build to its end, whatever that is. */
export async function collect(
  engine: House,
  options: BuildOptions,
  onEvent?: (event: BuildEvent) => void,
): Promise<{ events: BuildEvent[]; end: Promise<BuildResult> }> {
  const events: BuildEvent[] = [];
  const running = engine.builder.build(options);
  try {
    for (;;) {
      const { done, value } = await running.next();
      if (done) return { events, end: Promise.resolve(value) };
      events.push(value);
      onEvent?.(value);
    }
  } catch (error) {
    const end = Promise.reject(error);
    end.catch(() => {}); // awaited by the test
    return { events, end };
  }
}

export function outputOf(events: readonly BuildEvent[]): string {
  return Buffer.concat(events.flatMap((event) => (event.type === "step-log" ? [event.data] : []))).toString();
}

function namesOf(events: readonly BuildEvent[]): { ran: string[]; cached: string[] } {
  const names = (status: string) =>
    events.flatMap((event) =>
      event.type === "step" && event.status === status && event.name.startsWith("[") && !event.name.startsWith("[internal]")
        ? [event.name.replace(/^\[[^\]]*\] /, "")]
        : [],
    );
  return { ran: names("done"), cached: names("cached") };
}
