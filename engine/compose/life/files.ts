/** Secrets and configs that are written into a container before it starts, and other files of the caller's that become settings. */

import { posix } from "node:path";
import { EngineError } from "../../errors.ts";
import { encodeEntry, tarHeader, trailer } from "../../image/tar/index.ts";
import { filesOf, isBound, type NamedFile } from "../create/mounts.ts";
import type { Project } from "../project.ts";
import type { Service } from "../service.ts";
import { hostReader, readText } from "../source/reader.ts";
import type { Scene } from "./scene.ts";

/** docker's limit for either. */
const largest = 1 << 20;

/** Writes what is not bound. The container is not started yet. */
export async function writeFiles({ engine, project }: Scene, id: string, service: Service): Promise<void> {
  for (const file of filesOf(project, service).filter((each) => !isBound(each))) {
    const content = await contentOf(project, file);
    await engine.containers.copyTo(id, "/", process.getBuiltinModule("node:stream").Readable.from([archiveOf(file, content)]));
  }
}

async function contentOf({ values, environment }: Project, { kind, key, object }: NamedFile): Promise<Buffer> {
  const kept = (kind === "secret" ? values.secrets : values.configs)[key];
  if (kept !== undefined) return Buffer.from(kept);
  if (object.content !== undefined) return Buffer.from(object.content);
  if (object.environment !== undefined) {
    const value = environment[object.environment];
    if (value === undefined)
      throw new EngineError("invalid", `environment variable "${object.environment}" required by ${kind} "${key}" is not set`);
    return Buffer.from(value);
  }
  const bytes = object.file === undefined ? undefined : await hostReader.read(object.file, largest);
  if (!bytes) throw new EngineError("not-found", `cannot read the file "${object.file ?? ""}" of ${kind} "${key}": there is no such file`);
  return Buffer.from(bytes);
}

/** A tar of the file; the directories above it are made where they are missing. */
function archiveOf({ target, uid = 0, gid = 0, mode = 0o444 }: NamedFile, content: Buffer): Buffer {
  const mtime = Math.floor(Date.now() / 1000);
  const header = tarHeader({ name: target.slice(1), mode, uid, gid, size: content.length, mtime });
  return Buffer.concat([encodeEntry(header, content), trailer]);
}

/** `security_opt` with the profiles of files read: the engine reads no paths of the caller. */
export async function securityOptions({ directory }: Project, { security_opt }: Service): Promise<string[] | undefined> {
  return security_opt && Promise.all(security_opt.map((option) => withProfile(directory, option)));
}

async function withProfile(directory: string, option: string): Promise<string> {
  const [, key = "", value = ""] = /^([^:=]+)[:=](.*)$/.exec(option) ?? [];
  if (key !== "seccomp" || value === "unconfined" || value === "builtin") return option.replace(/^([^:=]+):/, "$1=");
  const { text, name } = await readText(hostReader, posix.resolve(directory, value), "seccomp profile");
  try {
    return `seccomp=${JSON.stringify(JSON.parse(text))}`;
  } catch (cause) {
    throw new EngineError("invalid", `the seccomp profile "${name}" is no JSON: ${(cause as Error).message}`, { cause });
  }
}
