/**
 * The only door of the engine. Everything outside (commands, views, tests of behaviour, other programs by
 * `import { openEngine } from "berth"`) reaches containers through the `Engine` interface of engine.ts.
 */
import { fileURLToPath } from "node:url";
import type { Engine } from "./engine.ts";
import { openHouse } from "./house.ts";
import type { EngineOptions } from "./state/options.ts";

/**
 * Opens the engine over a state directory, which other processes may use at the same time. Cheap: rooms open what they need when
 * they are first used. Containers that it starts outlive it.
 *
 * ```ts
 * await using engine = await openEngine();
 * for (const { Names, Status } of await engine.containers.list()) console.log(Names[0], Status);
 * ```
 *
 * Operations with something to tell meanwhile (`create`, `run`, `pull`, `build` …) are async generators: they yield events and
 * return the result. Whatever fails throws an `EngineError`, whose `code` says what it is.
 * @param options.self default: this package's own `berth`, which looks after what goes on when no program is there: restarts,
 * health checks, what follows a container's end
 */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  return openHouse({ self: [ownProgram()], ...options });
}

/** From source, from dist/engine.cjs, and from a chunk beside it. */
function ownProgram(): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(here.includes("/chunks/") ? "../../bin/berth" : "../bin/berth", here));
}

export type * from "./build/index.ts";
export type * from "./container/index.ts";
export type { Capabilities, Engine, Verb } from "./engine.ts";
export { EngineError, type ErrorCode, errorKinds, type SourceLocation, toEngineError } from "./errors.ts";
export type * from "./events.ts";
export type * from "./files/index.ts";
export type * from "./host/index.ts";
export type * from "./image/index.ts";
export type * from "./network/index.ts";
export type { EngineOptions } from "./state/options.ts";
export type * from "./volume/index.ts";
