/** A contender: a container engine in a state of its own, with the busybox image and a running container to exec into. */
import type { Command } from "./measure.ts";

export interface Contender extends Disposable {
  name: "berth" | "docker" | "podman";
  version: string;
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
