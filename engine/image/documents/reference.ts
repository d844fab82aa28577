/**
 * Image references: "python", "python:3.9", "localhost:5000/team/app@sha256:…". The grammar and the defaults
 * (docker.io, library/, latest) are those of the distribution project's reference package. Pure.
 */
import { EngineError } from "../../errors.ts";

export interface Reference {
  /** "docker.io", "localhost:5000" */
  domain: string;
  /** "library/python" */
  path: string;
  tag?: string;
  /** "sha256:<64 hex>" */
  digest?: string;
}

const defaultDomain = "docker.io";
const defaultNamespace = "library/";

const pathPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const domainPattern =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^sha256:[a-f0-9]{64}$/;

/**
 * Parses a reference and fills in domain and namespace; the tag stays absent when there is none (see `withTag`).
 * @throws EngineError `invalid`
 */
export function parseReference(text: string): Reference {
  const fail = (why: string): never => {
    throw new EngineError("invalid", `invalid reference format: ${JSON.stringify(text)}: ${why}`, {
      hint: "write it as [DOMAIN/]NAME[:TAG][@DIGEST], for instance python:3.9",
    });
  };
  const [rest = "", digest, extra] = text.split("@");
  if (extra !== undefined) fail("more than one '@'");
  if (digest !== undefined && !digestPattern.test(digest)) fail("the digest must be sha256: and 64 hexadecimal digits");
  const colon = rest.lastIndexOf(":");
  const hasTag = colon > rest.lastIndexOf("/");
  const name = hasTag ? rest.slice(0, colon) : rest;
  const tag = hasTag ? rest.slice(colon + 1) : undefined;
  if (tag !== undefined && !tagPattern.test(tag))
    fail("a tag is up to 128 letters, digits, '_', '.' and '-', and does not start with '.' or '-'");
  if (/^[a-f0-9]{64}$/.test(name)) fail("a repository name cannot be 64 hexadecimal digits");
  const { domain, path } = splitDomain(name);
  if (!domainPattern.test(domain)) fail("the registry's address is malformed");
  if (path !== path.toLowerCase()) fail(`repository name (${path}) must be lowercase`);
  if (!pathPattern.test(path)) fail("the repository name is malformed");
  if (domain.length + 1 + path.length > 255) fail("the repository name is longer than 255 characters");
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** The first component is a domain when it has a dot, a port or an upper-case letter, or is "localhost". */
function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, slash);
  const isDomain = slash > 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const domain = isDomain ? first : defaultDomain;
  const path = isDomain ? name.slice(slash + 1) : name;
  const canonical = domain === "index.docker.io" ? defaultDomain : domain;
  return { domain: canonical, path: canonical === defaultDomain && path && !path.includes("/") ? defaultNamespace + path : path };
}

/** Adds ":latest" to a reference that has neither tag nor digest. */
export function withTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: "latest" } : reference;
}

/**
 * A name that is given to an image: a digest belongs to what it is the digest of, and is never given. @throws EngineError `invalid`
 */
export function parseTag(text: string): Reference {
  const reference = withTag(parseReference(text));
  if (reference.digest) throw new EngineError("invalid", "refusing to create a tag with a digest reference");
  if (familiarRepository(reference) === "sha256")
    throw new EngineError("invalid", "refusing to create an ambiguous tag using digest algorithm as name");
  return reference;
}

/** "docker.io/library/python" */
export function repository(reference: Reference): string {
  return `${reference.domain}/${reference.path}`;
}

/** "python", "localhost:5000/team/app": the repository as docker shows it. */
export function familiarRepository(reference: Reference): string {
  if (reference.domain !== defaultDomain) return repository(reference);
  const { path } = reference;
  const short = path.startsWith(defaultNamespace) ? path.slice(defaultNamespace.length) : path;
  return short.includes("/") && path.startsWith(defaultNamespace) ? path : short;
}

function suffix(reference: Reference): string {
  return (reference.tag === undefined ? "" : `:${reference.tag}`) + (reference.digest === undefined ? "" : `@${reference.digest}`);
}

/** "docker.io/library/python:3.9": the key of the tags table. */
export function full(reference: Reference): string {
  return repository(reference) + suffix(reference);
}

/** "python:3.9": what users see. */
export function familiar(reference: Reference): string {
  return familiarRepository(reference) + suffix(reference);
}

/** `FROM scratch` means no image: none can be had, or given, by that name. @throws EngineError `invalid` */
export function refuseReserved({ domain, path }: Reference): void {
  if (domain === "docker.io" && path === "library/scratch")
    throw new EngineError("invalid", "'scratch' is a reserved name", {
      hint: "choose another name: it stands for no image in a Dockerfile",
    });
}

/** What a pulled image is called: by its digest, and by the tag that was asked for. */
export function pulledNames(reference: Reference, digest: string): Reference[] {
  const { domain, path, tag } = reference;
  return [{ domain, path, digest }, ...(tag !== undefined && reference.digest === undefined ? [reference] : [])];
}
