/**
 * Contexts: hosts by name, where and as docker's client keeps them, so that both programs know the same ones.
 *
 *   ~/.docker/ ($DOCKER_CONFIG)
 *     config.json                        currentContext
 *     contexts/meta/ID/meta.json         name, description, address; ID is the SHA-256 of the name
 *     contexts/tls/ID/docker/*.pem       ca, cert, key
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, unlinkSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { EngineError } from "../../errors.ts";
import { replaceFile } from "../../replace-file.ts";
import { parseAddress } from "../link/address.ts";

/** meta.json. What others have put in stays. */
export interface ContextDocument {
  Name: string;
  Metadata: { Description?: string } & Record<string, unknown>;
  Endpoints: { docker?: { Host?: string; SkipTLSVerify?: boolean } } & Record<string, unknown>;
}

/** Names of files to their bytes: "ca.pem", "cert.pem", "key.pem". */
export type TlsFiles = Record<string, Buffer>;

export interface StoredContext {
  document: ContextDocument;
  tls: TlsFiles;
}

/** What stands for no context: the environment's host, else this one. */
export const noContext = "default";

const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/;
/** Bytes: of a document, and of a certificate. */
const fileLimit = 1 << 20;

export const configDirectory = (): string => process.env["DOCKER_CONFIG"] || join(homedir(), ".docker");

const idOf = (name: string) => createHash("sha256").update(name).digest("hex");
export const metaPath = (name: string): string => join(configDirectory(), "contexts/meta", idOf(name));
export const tlsPath = (name: string): string => join(configDirectory(), "contexts/tls", idOf(name));

/** @throws EngineError `invalid` */
export function checkName(name: string): void {
  if (name === "") throw new EngineError("invalid", "context name cannot be empty");
  if (name === noContext) throw new EngineError("invalid", `"${noContext}" is a reserved context name`);
  if (!namePattern.test(name))
    throw new EngineError("invalid", `context name "${name}" is invalid, names are validated against regexp "${namePattern.source}"`);
}

export const hasContext = (name: string): boolean => existsSync(join(metaPath(name), "meta.json"));

/** @throws EngineError `not-found`, `invalid` (its file is damaged) */
export function readContext(name: string): StoredContext {
  if (!hasContext(name))
    throw new EngineError("not-found", `context "${name}": context not found`, {
      hint: "list those that there are with 'berth context ls'",
    });
  return { document: readDocument(join(metaPath(name), "meta.json")), tls: readTls(join(tlsPath(name), "docker")) };
}

function readDocument(file: string): ContextDocument {
  return toDocument(readLimited(file).toString("utf8"), file);
}

/** @throws EngineError `invalid` */
export function toDocument(text: string, file: string): ContextDocument {
  const bad = (why: string, cause?: unknown) => new EngineError("invalid", `cannot read context "${file}": ${why}`, { cause });
  let found: Partial<ContextDocument> | null;
  try {
    found = JSON.parse(text) as Partial<ContextDocument> | null;
  } catch (cause) {
    throw bad((cause as Error).message, cause);
  }
  if (typeof found !== "object" || found === null || typeof found.Name !== "string") throw bad("it has no name");
  const { Name, Metadata = {}, Endpoints = {}, ...rest } = found;
  return { ...rest, Name, Metadata: Metadata ?? {}, Endpoints: Endpoints ?? {} };
}

function readLimited(file: string): Buffer {
  const bytes = readFileSync(file);
  if (bytes.length > fileLimit) throw new EngineError("invalid", `cannot read "${file}": it is longer than ${fileLimit} bytes`);
  return bytes;
}

function readTls(directory: string): TlsFiles {
  if (!existsSync(directory)) return {};
  return Object.fromEntries(readdirSync(directory).map((name) => [name, readLimited(join(directory, name))]));
}

/** All there are, by name. One whose file is damaged is left out, but for its own name. */
export function listContexts(): ContextDocument[] {
  const directory = join(configDirectory(), "contexts/meta");
  if (!existsSync(directory)) return [];
  const files = readdirSync(directory).map((id) => join(directory, id, "meta.json"));
  return files
    .filter((file) => existsSync(file))
    .map(readDocument)
    .toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
}

/** Writes one, or writes over it. */
export function writeContext({ document, tls }: StoredContext): void {
  const { docker } = document.Endpoints;
  if (docker?.Host) parseAddress(docker.Host, Object.keys(tls).length > 0);
  const meta = metaPath(document.Name);
  mkdirSync(meta, { recursive: true, mode: 0o755 });
  replaceFile(join(meta, "meta.json"), JSON.stringify(document), { mode: 0o644 });
  removeTls(document.Name);
  const directory = join(tlsPath(document.Name), "docker");
  if (Object.keys(tls).length > 0) mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const [name, bytes] of Object.entries(tls)) replaceFile(join(directory, name), bytes, { mode: 0o600 });
}

export function removeContext(name: string): void {
  unlinkSync(join(metaPath(name), "meta.json"));
  rmdirSync(metaPath(name));
  removeTls(name);
}

function removeTls(name: string): void {
  const docker = join(tlsPath(name), "docker");
  if (!existsSync(docker)) return;
  for (const file of readdirSync(docker)) unlinkSync(join(docker, file));
  rmdirSync(docker);
  rmdirSync(dirname(docker));
}

/** The name that `context use` has written down; "default" for none. */
export function currentContext(): string {
  const { currentContext } = readConfig();
  return typeof currentContext === "string" && currentContext !== "" ? currentContext : noContext;
}

function readConfig(): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(join(configDirectory(), "config.json"), "utf8")) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** @throws EngineError `invalid` when docker's configuration cannot be read: what is in it would be lost */
export function keepCurrent(name: string): void {
  const file = join(configDirectory(), "config.json");
  const { currentContext: _before, ...config } = existsSync(file) ? parseConfig(file) : {};
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const next = { ...config, ...(name !== noContext && { currentContext: name }) };
  replaceFile(file, `${JSON.stringify(next, null, "\t")}\n`, { mode: 0o600, behindLinks: true });
}

function parseConfig(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  } catch (cause) {
    throw new EngineError("invalid", `cannot change "${file}": ${(cause as Error).message}`, { cause, hint: "mend it, or move it away" });
  }
}
