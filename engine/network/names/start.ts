/** The start of the name server. Apart from the rest, as it has the program: most commands find the server running. */
import { chmodSync, closeSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { getSystemErrorName } from "node:util";
import { EngineError } from "../../errors.ts";
import { spawnProcess } from "../../process/spawn.ts";
import type { Ground } from "../../state/ground.ts";
import { findProgramFile, nameserver } from "../programs/index.ts";
import { at, directoryOf, readRecord, recordOf, stopServer } from "./server.ts";

/**
 * Starts the server in the place of any other, and waits until it answers.
 * @throws EngineError `network` when it can answer nowhere
 */
export async function startServer(ground: Ground): Promise<void> {
  const program = await findProgramFile(ground, nameserver);
  if (!program)
    throw new EngineError("network", `cannot start the name server of user networks from "${ground.paths.network}"`, {
      hint: `programs must be allowed to run (no "noexec") on the file system of "${ground.paths.root}"`,
    });
  await stopServer(ground);
  openToServer(directoryOf(ground));
  const record = Buffer.alloc(at.end);
  record.writeInt32LE(1, at.asked);
  writeFileSync(recordOf(ground), record, { mode: 0o600 });
  await launch(ground, program);
  const error = readRecord(ground, at.error);
  if (error === 0 || readRecord(ground, at.sockets) > 0) return;
  await stopServer(ground);
  throw new EngineError("network", `cannot listen on the gateways of user networks for names: ${getSystemErrorName(-error)}`, {
    hint: "is another name server listening on port 53 of every address?",
  });
}

/** It has no rights, and reads what earlier versions kept for themselves. */
function openToServer(directory: string): void {
  chmodSync(directory, 0o755);
  for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o644);
}

async function launch(ground: Ground, program: string): Promise<void> {
  const fds = [openSync(recordOf(ground), "r+"), openSync(directoryOf(ground), "r")];
  let end = "";
  try {
    const child = spawnProcess(program, [directoryOf(ground)], { stdio: ["ignore", "ignore", "ignore", ...fds], detached: true });
    child.once("error", (error) => (end = error.message));
    child.once("exit", (status, signal) => (end = `it ended with ${signal ?? `status ${status}`}`));
    child.unref();
  } finally {
    for (const fd of fds) closeSync(fd);
  }
  while (readRecord(ground, at.done) === 0) {
    if (end) throw new EngineError("network", `cannot start the name server of user networks: ${end}`);
    await setTimeout(1);
  }
}
