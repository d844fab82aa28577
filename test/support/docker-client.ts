/** Docker's own command line (Debian's docker.io) against a socket that a test serves. */
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { dockerClient } from "./rootfs.ts";

/** Runs it to its end and gives what it wrote to standard output. @throws with what it wrote to standard error when it fails */
export async function runClient(socket: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: dirname(socket), DOCKER_BUILDKIT: "0" };
  return (await promisify(execFile)(dockerClient(), args, { env })).stdout;
}
