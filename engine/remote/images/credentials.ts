/** What a host shows a registry in the user's name: the user's credentials go along with each request, and stay nowhere. */
import type { Credentials } from "../../docker.ts";
import { parseReference } from "../../image/documents/index.ts";
import { credentialsFor } from "../../registry/credentials.ts";

/** Base64 for URLs, padded: podman reads no other. */
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64").replaceAll("+", "-").replaceAll("/", "_");

/** docker's AuthConfig. */
export function authConfig({ username, password, identityToken, registryToken }: Credentials, server: string): object {
  return {
    ...(username && { username }),
    ...(password && { password }),
    ...(identityToken !== undefined && { identitytoken: identityToken }),
    ...(registryToken !== undefined && { registrytoken: registryToken }),
    serveraddress: server === "docker.io" ? "https://index.docker.io/v1/" : server,
  };
}

/** @param given in place of those that docker's configuration has; null for none */
export async function authHeader(reference: string, given?: Credentials | null): Promise<Record<string, string>> {
  const { domain } = parseReference(reference);
  const found = given === undefined ? await credentialsFor(domain) : given;
  // podman wants the header whenever there is something to send, docker an empty one for a push without.
  return { "X-Registry-Auth": encode(found ? authConfig(found, domain) : {}) };
}

/** By registry, for a build. */
export async function authConfigs(domains: readonly string[], given: Record<string, Credentials> = {}): Promise<Record<string, string>> {
  const found: Record<string, object> = {};
  for (const domain of domains) {
    const credentials = given[domain] ?? (await credentialsFor(domain));
    if (credentials) found[domain === "docker.io" ? "https://index.docker.io/v1/" : domain] = authConfig(credentials, domain);
  }
  return Object.keys(found).length > 0 ? { "X-Registry-Config": encode(found) } : {};
}
