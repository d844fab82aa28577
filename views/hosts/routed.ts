/** The engine that the rooms of the UI hold: it is that of the host in use, and of whichever host has the container that is meant. */
import type { Engine, TreeName } from "../../engine/index.ts";

/**
 * @param current the engine of the host in use
 * @param owner of a container that is shown beside those of the host in use, by its id
 */
export function routedEngine(current: () => Engine, owner: (id: string) => Engine | undefined): Engine {
  const routed = <Room extends "containers" | "files">(room: Room, containerOf: (first: unknown) => unknown): Engine[Room] =>
    new Proxy({} as Engine[Room], {
      get:
        (_target, verb: string) =>
        (first: unknown, ...rest: unknown[]) => {
          const id = containerOf(first);
          const engine = (typeof id === "string" ? owner(id) : undefined) ?? current();
          return (engine[room] as unknown as Record<string, (...args: unknown[]) => unknown>)[verb]!(first, ...rest);
        },
    });
  return {
    containers: routed("containers", (ref) => (Array.isArray(ref) ? ref[0] : ref)),
    files: routed("files", (tree) => (tree as TreeName).kind === "container" && (tree as TreeName).ref),
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
