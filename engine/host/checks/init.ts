/** A tiny init, which `run --init` makes a container's first process. */
import { findInit } from "../../container/mounts/index.ts";
import { type Check, type Finding, ok, warning } from "../check.ts";
import { installCommand } from "../remedy.ts";

const packages = { apt: "tini", dnf: "tini-static", pacman: "catatonit", zypper: "catatonit", apk: "tini-static" };

/** @param program its path. Pure. */
export function judgeInit(program: string | undefined): Finding {
  return program ? ok(program) : warning("no tini or catatonit found: 'run --init' is refused", installCommand(packages));
}

export const init: Check = { name: "init", run: () => judgeInit(findInit()) };
