/**
 * Credentials, where docker keeps them: `$DOCKER_CONFIG/config.json`, else ~/.docker/config.json, with its credential
 * helpers (docker-credential-NAME). Nothing read is ever shown.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Credentials } from "../docker.ts";
import { EngineError } from "../errors.ts";
import { mapOf, object, parseShaped, text } from "../image/documents/index.ts";
import { findProgram, runProcess } from "../process/spawn.ts";
import { replaceFile } from "../replace-file.ts";

interface Entry {
  auth?: string | null;
  username?: string | null;
  password?: string | null;
  identitytoken?: string | null;
  registrytoken?: string | null;
}

interface ConfigFile {
  auths?: Record<string, Entry | null> | null;
  credsStore?: string;
  credHelpers?: Record<string, string> | null;
}

const entryShape = object({ auth: text, username: text, password: text, identitytoken: text, registrytoken: text });
const configShape = object({ auths: mapOf(entryShape), credsStore: text, credHelpers: mapOf(text) });

/** What docker calls Docker Hub in its configuration. */
const hubKey = "https://index.docker.io/v1/";

/** @throws EngineError `invalid` when the configuration file is malformed */
export async function credentialsFor(domain: string, file = configFile()): Promise<Credentials | undefined> {
  const config = readConfig(file);
  const key = keyOf(domain);
  const helper = helperFor(config, domain);
  if (helper) {
    const found = await askHelper(helper, key);
    if (found) return found;
  }
  const entry = Object.entries(config.auths ?? {}).find(([name]) => name === key || hostOf(name) === domain)?.[1];
  return entry ? decode(entry) : undefined;
}

/** The registries that credentials are kept for, here or by a helper that is for one; "docker.io" is Docker Hub. @throws EngineError `invalid` */
export function registriesWithCredentials(file = configFile()): string[] {
  const { auths, credHelpers } = readConfig(file);
  const names = [...Object.keys(auths ?? {}), ...Object.keys(credHelpers ?? {})].map((key) => (key === hubKey ? "docker.io" : hostOf(key)));
  return [...new Set(names)].filter((name) => name !== "");
}

const keyOf = (domain: string) => (domain === "docker.io" ? hubKey : domain);

function helperFor(config: ConfigFile, domain: string): string | undefined {
  return config.credHelpers?.[domain] ?? config.credHelpers?.[keyOf(domain)] ?? config.credsStore;
}

/**
 * Keeps a registry's credentials, with the helper that the configuration names, else in the file (not encrypted).
 * @returns the file, when it is there that they are kept
 * @throws EngineError `invalid` (configuration, helper), `system`
 */
export async function storeCredentials(
  domain: string,
  { username, password }: Credentials,
  file = configFile(),
): Promise<string | undefined> {
  const config = readConfig(file);
  const helper = helperFor(config, domain);
  if (helper) {
    await tellHelper(helper, "store", JSON.stringify({ ServerURL: keyOf(domain), Username: username, Secret: password }));
    return undefined;
  }
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  writeConfig(file, { ...config, auths: { ...config.auths, [keyOf(domain)]: { auth } } });
  return file;
}

/** Forgets them, with the helper and in the file. Fine when there are none. */
export async function eraseCredentials(domain: string, file = configFile()): Promise<void> {
  const config = readConfig(file);
  const helper = helperFor(config, domain);
  if (helper) await tellHelper(helper, "erase", keyOf(domain));
  const kept = Object.entries(config.auths ?? {}).filter(([name]) => name !== keyOf(domain) && hostOf(name) !== domain);
  if (kept.length < Object.keys(config.auths ?? {}).length) writeConfig(file, { ...config, auths: Object.fromEntries(kept) });
}

function configFile(): string {
  return join(process.env["DOCKER_CONFIG"] || join(homedir(), ".docker"), "config.json");
}

function readConfig(file: string): ConfigFile {
  let source: string;
  try {
    source = readFileSync(file, "utf8");
  } catch {
    return {}; // absent, or not readable: go on without credentials
  }
  return parseShaped(source, configShape, (why) => new EngineError("invalid", `cannot read credentials from "${file}": ${why}`));
}

/** Only its owner may read it. */
function writeConfig(file: string, config: ConfigFile): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    replaceFile(file, `${JSON.stringify(config, null, "\t")}\n`, { mode: 0o600, behindLinks: true });
  } catch (cause) {
    throw new EngineError("system", `cannot write credentials to "${file}": ${(cause as Error).message}`, { cause });
  }
}

/** Old entries are URLs: "https://registry.example/v2/" is for registry.example. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, "").split("/")[0] ?? "";
}

function decode(entry: Entry): Credentials | undefined {
  const pair = entry.auth ? Buffer.from(entry.auth, "base64").toString("utf8") : "";
  const colon = pair.indexOf(":");
  const username = entry.username ?? (colon < 0 ? "" : pair.slice(0, colon));
  const password = entry.password ?? (colon < 0 ? "" : pair.slice(colon + 1).replace(/\0+$/, ""));
  if (entry.registrytoken) return { username, password: "", registryToken: entry.registrytoken };
  if (entry.identitytoken) return { username, password: "", identityToken: entry.identitytoken };
  return username ? { username, password } : undefined;
}

/** The docker-credential-helpers protocol: the server's name on standard input, JSON or a failure status back. */
async function askHelper(name: string, server: string): Promise<Credentials | undefined> {
  const program = helperProgram(name);
  if (!program) return undefined;
  const { status, stdout } = await runProcess(program, ["get"], { input: server, env: helperEnvironment() });
  if (status !== 0) return undefined; // "credentials not found"
  const answer = parseAnswer(stdout, program);
  if (!answer.Secret) return undefined;
  if (answer.Username === "<token>") return { username: "", password: "", identityToken: answer.Secret };
  return { username: answer.Username ?? "", password: answer.Secret };
}

function helperProgram(name: string): string | undefined {
  return /^[\w.-]+$/.test(name) ? findProgram(`docker-credential-${name}`) : undefined;
}

/** Helpers are the user's own programs: they find keys, profiles and agents in the environment. */
function helperEnvironment(): Record<string, string> {
  return { HOME: homedir(), ...process.env } as Record<string, string>;
}

async function tellHelper(name: string, action: "store" | "erase", input: string): Promise<void> {
  const program = helperProgram(name);
  if (!program)
    throw new EngineError("invalid", `cannot ${action} credentials: docker-credential-${name} is not installed`, {
      hint: "install it, or remove it from docker's config.json",
    });
  const { status, stdout } = await runProcess(program, [action], { input, env: helperEnvironment() });
  if (status !== 0) throw new EngineError("system", `cannot ${action} credentials: "${program}" says: ${stdout.trim()}`);
}

/** What a helper said is a secret, also where it is malformed. */
function parseAnswer(text: string, program: string): { Username?: string; Secret?: string } {
  try {
    return JSON.parse(text) as { Username?: string; Secret?: string };
  } catch {
    throw new EngineError("invalid", `cannot read credentials from "${program}": its answer is not JSON`);
  }
}
