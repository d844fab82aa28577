/**
 * The only door of the engine. Everything outside (commands, views, tests of behaviour, other programs by
 * `import { openEngine } from "berth"`) reaches containers through the `Engine` interface of engine.ts.
 */
import type { Engine } from "./engine.ts";
import { openHouse } from "./house.ts";
import type { EngineOptions } from "./state/options.ts";

/** Opens the engine over a state directory. Cheap: rooms open what they need when they are first used. */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  return openHouse(options);
}

export type * from "./build/index.ts";
export type * from "./container/index.ts";
export type { Engine } from "./engine.ts";
export { EngineError, type ErrorCode, errorKinds, type SourceLocation, toEngineError } from "./errors.ts";
export type * from "./events.ts";
export type * from "./host/index.ts";
export type * from "./image/index.ts";
export type * from "./network/index.ts";
export type { EngineOptions } from "./state/options.ts";
export type * from "./volume/index.ts";
