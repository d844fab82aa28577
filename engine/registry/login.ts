/** `login` and `logout`: credentials are tried before they are kept. */
import type { Credentials } from "../docker.ts";
import { EngineError } from "../errors.ts";
import { RegistryClient } from "./client.ts";
import { eraseCredentials, storeCredentials } from "./credentials.ts";
import type { LoginResult } from "./types.ts";

/** As docker: "" and Docker Hub's own addresses are docker.io; a URL is its host. */
function registryDomain(server: string): string {
  const host = server.replace(/^https?:\/\//, "").split("/")[0] ?? "";
  return ["", "docker.io", "index.docker.io", "registry-1.docker.io"].includes(host) ? "docker.io" : host;
}

/** @throws EngineError `registry-auth` when they are not accepted, `registry`, `invalid`, `system` */
export async function login(
  server: string,
  credentials: Credentials,
  signal?: AbortSignal,
  { keep = true }: { keep?: boolean } = {},
): Promise<LoginResult> {
  const domain = registryDomain(server);
  if (!URL.canParse(`https://${domain}/`)) throw new EngineError("invalid", `invalid registry address "${server}"`);
  // No repository: the registry's base address, /v2/.
  const client = new RegistryClient({ domain, path: "" }, { credentials, signal });
  const response = await client.enter();
  response.discard();
  if (response.status === 401 || response.status === 403)
    throw new EngineError("registry-auth", `the registry "${domain}" denies access: incorrect username or password`, {
      hint: "check the user name and the password, or token",
    });
  if (response.status !== 200) throw new EngineError("registry", `cannot log in to "${domain}": it answers ${response.status} at /v2/`);
  const file = keep ? await storeCredentials(domain, credentials) : undefined;
  return { Status: "Login Succeeded", ...(file && { File: file }) };
}

/** Keeps credentials that somebody else has tried. @returns the file, when it is there that they are kept */
export function keepCredentials(server: string, credentials: Credentials): Promise<string | undefined> {
  return storeCredentials(registryDomain(server), credentials);
}

export async function logout(server: string): Promise<{ Server: string }> {
  const domain = registryDomain(server);
  await eraseCredentials(domain);
  return { Server: domain === "docker.io" ? "https://index.docker.io/v1/" : domain };
}
