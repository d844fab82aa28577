/** How the repositories of a registry are come by: the client for what a text names. */
import { EngineError } from "../../errors.ts";
import { parseReference, type Reference, withTag } from "../../image/documents/index.ts";
import { type ClientOptions, RegistryClient } from "../client.ts";

/** What every question may be given. */
export type Access = Pick<ClientOptions, "insecure" | "credentials" | "signal">;

/**
 * A client for a registry as a whole: "localhost:5000", "https://registry.example.org/".
 * @throws EngineError `invalid`
 */
export function registryClient(text: string, access: Access = {}): RegistryClient {
  const domain = registryName(text);
  const { hostname } = URL.parse(`https://${domain}/`) ?? {};
  if (!hostname || domain.includes("@"))
    throw new EngineError("invalid", `invalid registry address "${text}"`, { hint: "write it as HOST[:PORT]" });
  return new RegistryClient({ domain, path: "" }, { ...access, isEager: true });
}

/** The name that a registry has in references: Docker Hub has several addresses. */
export function registryName(text: string): string {
  const host = text.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return ["index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"].includes(host) ? "docker.io" : host;
}

/** The registry of an image's name: "docker.io" for "python:3.9". @throws EngineError `invalid` */
export function registryOf(name: string): string {
  return parseReference(name).domain;
}

/** A client for a repository. @throws EngineError `invalid` for a tag or a digest behind it */
export function repositoryClient(text: string, access: Access = {}): RegistryClient {
  const reference = parseReference(text);
  if (reference.tag !== undefined || reference.digest !== undefined)
    throw new EngineError("invalid", `"${text}" is more than a repository`, { hint: "leave out the tag and the digest" });
  return new RegistryClient(reference, access);
}

/** A client for what a reference names; without tag and digest "latest". @throws EngineError `invalid` */
export function referenceClient(text: string, access: ClientOptions = {}): RegistryClient {
  return new RegistryClient(withTag(parseReference(text)), access);
}

/** Of a client's reference: its digest, else its tag. */
export function nameOf({ digest, tag = "latest" }: Reference): string {
  return digest ?? tag;
}
