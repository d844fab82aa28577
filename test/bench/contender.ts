/** A contender: a container engine in a state of its own, with the busybox image and a running container to exec into. */
import { rmSync } from "node:fs";
import { unmountBelow } from "../support/engine.ts";
import { eventually } from "../support/eventually.ts";
import { processesNaming } from "../support/leaks.ts";
import type { Command } from "./measure.ts";

export interface Contender extends AsyncDisposable {
  name: "berth" | "docker" | "podman";
  version: string;
  /** The directory of its state: its own processes name it on their command lines. */
  root: string;
  /** The command line of docker's verb and arguments, which all three understand. */
  command(...words: string[]): Command;
}

/** The names every contender prepares. */
export const image = "busybox:latest";
export const sleeper = "bench-sleeper";

/** Starts the container that `exec` and `ps` look at. */
export function sleeperWords(): string[] {
  return ["run", "-d", "--name", sleeper, image, "sleep", "86400"];
}

/** Removes a contender's state, once the processes that still tidy up after its last container are gone. */
export async function removeState(root: string): Promise<void> {
  await eventually(() => {
    const [left] = processesNaming(root);
    if (left) throw new Error(`still running: ${left}`);
  });
  unmountBelow(root);
  rmSync(root, { recursive: true, force: true });
}
