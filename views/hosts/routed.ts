/** The engine that the rooms of the UI hold: it is that of the host in use, and of whichever host has the container that is meant. */
import type { Engine } from "../../engine/index.ts";

/**
 * @param current the engine of the host in use
 * @param owner of a container that is shown beside those of the host in use, by its id
 */
export function routedEngine(current: () => Engine, owner: (id: string) => Engine | undefined): Engine {
  const containers = new Proxy({} as Engine["containers"], {
    get:
      (_target, verb: string) =>
      (ref: unknown, ...rest: unknown[]) => {
        const first: unknown = Array.isArray(ref) ? ref[0] : ref;
        const engine = (typeof first === "string" ? owner(first) : undefined) ?? current();
        const room = engine.containers as unknown as Record<string, (...args: unknown[]) => unknown>;
        return room[verb]!(ref, ...rest);
      },
  });
  return {
    containers,
    get execs() {
      return current().execs;
    },
    get images() {
      return current().images;
    },
    get builder() {
      return current().builder;
    },
    get networks() {
      return current().networks;
    },
    get volumes() {
      return current().volumes;
    },
    get system() {
      return current().system;
    },
    capabilities: () => current().capabilities(),
    events: (options) => current().events(options),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}
