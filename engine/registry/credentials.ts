/**
 * Credentials, where docker keeps them: `$DOCKER_CONFIG/config.json`, else ~/.docker/config.json, with its credential
 * helpers (docker-credential-NAME). Nothing is ever written here, and nothing read is ever shown.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { EngineError } from "../errors.ts";
import { findProgram, runProcess } from "../process/spawn.ts";

export interface Credentials {
  username: string;
  password: string;
  /** An OAuth2 refresh token, in place of the password. */
  identityToken?: string;
}

interface ConfigFile {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string; registrytoken?: string }>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
}

/** What docker calls Docker Hub in its configuration. */
const hubKey = "https://index.docker.io/v1/";

/** @throws EngineError `invalid` when the configuration file is malformed */
export async function credentialsFor(domain: string, file = configFile()): Promise<Credentials | undefined> {
  const config = readConfig(file);
  const key = domain === "docker.io" ? hubKey : domain;
  const helper = config.credHelpers?.[domain] ?? config.credHelpers?.[key] ?? config.credsStore;
  if (helper) {
    const found = await askHelper(helper, key);
    if (found) return found;
  }
  const entry = Object.entries(config.auths ?? {}).find(([name]) => name === key || hostOf(name) === domain)?.[1];
  return entry && decode(entry);
}

function configFile(): string {
  return join(process.env["DOCKER_CONFIG"] || join(homedir(), ".docker"), "config.json");
}

function readConfig(file: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return {}; // none, or not ours to read: go on as nobody
  }
  try {
    return JSON.parse(text) as ConfigFile;
  } catch (cause) {
    throw new EngineError("invalid", `cannot read credentials from "${file}": it is not JSON`, { cause });
  }
}

/** Old entries are URLs: "https://registry.example/v2/" is for registry.example. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, "").split("/")[0] ?? "";
}

function decode(entry: NonNullable<ConfigFile["auths"]>[string]): Credentials | undefined {
  const text = entry.auth ? Buffer.from(entry.auth, "base64").toString("utf8") : "";
  const colon = text.indexOf(":");
  const username = entry.username ?? (colon < 0 ? "" : text.slice(0, colon));
  const password = entry.password ?? (colon < 0 ? "" : text.slice(colon + 1).replace(/\0+$/, ""));
  if (entry.identitytoken) return { username, password: "", identityToken: entry.identitytoken };
  return username ? { username, password } : undefined;
}

/** The docker-credential-helpers protocol: the server's name on standard input, JSON or a failure status back. */
async function askHelper(name: string, server: string): Promise<Credentials | undefined> {
  const program = /^[\w.-]+$/.test(name) ? findProgram(`docker-credential-${name}`) : undefined;
  if (!program) return undefined;
  const { PATH = "", HOME = homedir() } = process.env;
  const { status, stdout } = await runProcess(program, ["get"], { input: server, env: { PATH, HOME } });
  if (status !== 0) return undefined; // "credentials not found"
  const answer = parseAnswer(stdout, program);
  if (!answer.Secret) return undefined;
  if (answer.Username === "<token>") return { username: "", password: "", identityToken: answer.Secret };
  return { username: answer.Username ?? "", password: answer.Secret };
}

/** What a helper said is a secret, also where it is malformed. */
function parseAnswer(text: string, program: string): { Username?: string; Secret?: string } {
  try {
    return JSON.parse(text) as { Username?: string; Secret?: string };
  } catch {
    throw new EngineError("invalid", `cannot read credentials from "${program}": its answer is not JSON`);
  }
}
