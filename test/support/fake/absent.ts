/** Verbs that the fake engine does not have: it says so beforehand, and when they are called. */
import { EngineError } from "../../../engine/errors.ts";
import type { Engine, Verb } from "../../../engine/index.ts";
import type { World } from "./world.ts";

type RoomName = "containers" | "execs" | "images" | "builder" | "networks" | "volumes" | "files" | "system";

/** Fits a verb that returns a promise, and one that is a generator of events with a result. */
type Refusal = (...args: never[]) => Promise<never> & AsyncGenerator<never, never>;

function refuse(verb: string, reason: string): ReturnType<Refusal> {
  const fail = () => Promise.reject<never>(new EngineError("unsupported", `cannot carry out "${verb}": ${reason}`));
  const promise = fail();
  promise.catch(() => {}); // a generator that nobody reads must not fail
  const generator = { next: fail, return: fail, throw: fail, [Symbol.asyncDispose]: async () => {} };
  return Object.assign(promise, generator, { [Symbol.asyncIterator]: () => generator as never });
}

/** The verbs, each of which refuses; `cannot` names them. */
export function absent<Room extends RoomName, Name extends Extract<keyof Engine[Room], string>>(
  world: World,
  room: Room,
  reason: string,
  names: readonly Name[],
): Record<Name, Refusal> {
  for (const name of names) world.cannot[`${room}.${name}` as Verb] = reason;
  return Object.fromEntries(names.map((name) => [name, () => refuse(`${room}.${name}`, reason)])) as Record<Name, Refusal>;
}

/** A room whose verbs that a test adds to `cannot` refuse, too. */
export function guarded<Room extends object>(world: World, name: RoomName, room: Room): Room {
  return new Proxy(room, {
    get(target, key) {
      const verb = `${name}.${String(key)}`;
      const reason = world.cannot[verb as Verb];
      return reason === undefined ? Reflect.get(target, key) : () => refuse(verb, reason);
    },
  });
}
