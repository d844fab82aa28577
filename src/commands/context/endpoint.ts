/** `--docker "host=…,ca=…"`: a context's host as docker's client takes it, and where a new context begins. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { EngineError } from "../../../engine/errors.ts";
import type { StoredContext, TlsFiles } from "../../../engine/remote/index.ts";
import type { FlagSpec, Input } from "../command.ts";
import { listOf, splitPair } from "../flag-values.ts";

export const dockerFlag: FlagSpec = {
  name: "docker",
  type: "list",
  placeholder: "KEY=VALUE",
  help: "The host, as host=ADDRESS; with ca=FILE, cert=FILE, key=FILE, skip-tls-verify=true, or from=CONTEXT",
};

export const descriptionFlag: FlagSpec = {
  name: "description",
  type: "string",
  placeholder: "TEXT",
  help: "What is shown beside its name",
};

const keys = ["from", "host", "ca", "cert", "key", "skip-tls-verify"];
const files: Readonly<Record<string, string>> = { ca: "ca.pem", cert: "cert.pem", key: "key.pem" };

export interface DockerFlag {
  host?: string;
  from?: string;
  insecure: boolean;
  tls: TlsFiles;
}

/** undefined when the flag is not given. @throws EngineError `usage`, `not-found` (a file) */
export function dockerFlagOf(input: Input, cwd: string): DockerFlag | undefined {
  const words = listOf(input, "docker").flatMap((word) => word.split(","));
  if (words.length === 0) return undefined;
  const given = new Map(words.map(splitPair));
  const wrong = [...given.keys()].find((key) => !keys.includes(key));
  if (wrong !== undefined)
    throw new EngineError("usage", `unable to create docker endpoint config: unrecognized config key: ${wrong}`, { exit: 1 });
  const [host, from] = [given.get("host"), given.get("from")];
  const tls = Object.entries(files).flatMap(([key, name]) => (given.has(key) ? [[name, readPem(given.get(key)!, cwd)] as const] : []));
  const insecure = ["1", "t", "true"].includes(given.get("skip-tls-verify")?.toLowerCase() ?? "");
  return { ...(host !== undefined && { host }), ...(from !== undefined && { from }), insecure, tls: Object.fromEntries(tls) };
}

function readPem(path: string, cwd: string): Buffer {
  try {
    return readFileSync(resolve(cwd, path.replace(/^~\//, `${process.env["HOME"]}/`)));
  } catch (cause) {
    throw new EngineError("not-found", `cannot read "${path}": ${(cause as Error).message}`, { cause, hint: "check the path" });
  }
}

/** A context with the flag's host in place of its own. */
export function withEndpoint({ document, tls }: StoredContext, flag: DockerFlag): StoredContext {
  const { host: Host = document.Endpoints.docker?.Host ?? "", insecure: SkipTLSVerify } = flag;
  const hasOwn = Object.keys(flag.tls).length > 0 || flag.host !== undefined;
  return { document: { ...document, Endpoints: { ...document.Endpoints, docker: { Host, SkipTLSVerify } } }, tls: hasOwn ? flag.tls : tls };
}
