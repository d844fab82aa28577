/**
 * A server's socket in the file system. It appears under its name only when its owner and mode are set, takes the place of one that a
 * dead server left, and never that of one that still answers.
 */
import { chmodSync, chownSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { EngineError } from "../errors.ts";

export interface SocketClaim {
  /** Where to bind. */
  readonly bindPath: string;
  /** Gives the bound socket its owner, mode and name. */
  publish(): void;
  /** Takes the name away, unless it is another's by now. */
  release(): void;
}

/**
 * @param path absolute
 * @throws EngineError `in-use` when a server answers there, `conflict` when something else is there
 */
export async function claimSocket(path: string, gid: number): Promise<SocketClaim> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there && !there.isSocket()) throw new EngineError("conflict", `cannot listen on "${path}": something that is no socket is there`);
  if (there && (await answers(path)))
    throw new EngineError("in-use", `cannot listen on "${path}": another server answers there`, {
      hint: "stop it, or name another socket",
    });
  const bindPath = `${path}.${process.pid}`;
  rmSync(bindPath, { force: true });
  let inode: number | undefined;
  return {
    bindPath,
    publish() {
      chownSync(bindPath, 0, gid);
      chmodSync(bindPath, 0o660);
      inode = lstatSync(bindPath).ino;
      renameSync(bindPath, path);
    },
    release() {
      rmSync(bindPath, { force: true });
      if (inode !== undefined && lstatSync(path, { throwIfNoEntry: false })?.ino === inode) rmSync(path, { force: true });
    },
  };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const { connect } = process.getBuiltinModule("node:net");
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
