/** Images that come and go: pulled and pushed by the host, imported, loaded and saved through the line. */
import { Readable } from "node:stream";
import type { Credentials } from "../../docker.ts";
import { EngineError } from "../../errors.ts";
import type { ProgressEvent } from "../../events.ts";
import { full, parseReference, withTag } from "../../image/documents/index.ts";
import type { Images } from "../../image/index.ts";
import { type Ask, type Link, namePath } from "../link/link.ts";
import { authHeader } from "./credentials.ts";
import { type ProgressLine, progressEvent, progressLines } from "./progress.ts";

type Options<Name extends keyof Images> = NonNullable<Parameters<Images[Name]>[1]>;

/** Tells what the host tells; each line is looked at, too. */
async function* told(link: Link, path: string, ask: Ask, look: (line: ProgressLine) => void): AsyncGenerator<ProgressEvent, void> {
  const answer = await link.request("POST", path, ask);
  for await (const line of progressLines(link, answer)) {
    look(line);
    const event = progressEvent(line);
    if (event) yield event;
  }
}

/** Policies are the host's own. @throws EngineError `unsupported` */
export function refuseUnverified(noVerify: boolean | undefined): void {
  if (!noVerify) return;
  throw new EngineError("unsupported", "cannot pass over the policies of a host: Docker's API has no word for --no-verify", {
    hint: "leave it out, or run the command over there",
  });
}

/** See image/index.ts. */
export async function* pullImage(
  link: Link,
  ref: string,
  options: Options<"pull"> = {},
): AsyncGenerator<ProgressEvent, { Id: string; Reference: string; Digest: string }> {
  const { platform, allTags = false, allPlatforms, insecure, noVerify, credentials, signal } = options;
  refuseUnverified(noVerify);
  if (allPlatforms) throw new EngineError("unsupported", "a host pulls images of its own platform, or of one that is named");
  if (insecure) throw new EngineError("unsupported", "which registries may be insecure is in the configuration of the host");
  const parsed = allTags ? parseReference(ref) : withTag(parseReference(ref));
  const { tag, digest, ...name } = parsed;
  const query = { fromImage: full(name), tag: digest ?? tag ?? (allTags ? undefined : "latest"), platform };
  let Digest = digest ?? "";
  const look = ({ status }: ProgressLine) => (Digest = /^Digest: (sha256:[0-9a-f]{64})/.exec(status)?.[1] ?? Digest);
  yield* told(link, "/images/create", { query, headers: await authHeader(ref, credentials), signal }, look);
  const Reference = full(parsed);
  if (allTags) return { Id: "", Reference, Digest };
  const { Id } = await link.json("GET", `/images/${namePath(Reference)}/json`, { Id: "" });
  return { Id, Reference, Digest };
}

/** See image/index.ts. */
export async function* pushImage(
  link: Link,
  ref: string,
  options: Options<"push"> = {},
): AsyncGenerator<ProgressEvent, { Digest: string }> {
  const { allTags = false, platform, credentials, signal } = options;
  if (platform !== undefined) await link.needs(146, "platform");
  const parsed = allTags ? parseReference(ref) : withTag(parseReference(ref));
  const { tag, digest: _digest, ...name } = parsed;
  let Digest = "";
  const look = ({ status, aux }: ProgressLine) => {
    const found = (aux as { Digest?: unknown } | undefined)?.Digest ?? /digest: (sha256:[0-9a-f]{64})/.exec(status)?.[1];
    if (typeof found === "string") Digest = found;
  };
  const query = { tag, ...(platform !== undefined && { platform: toPlatform(platform) }) };
  yield* told(link, `/images/${namePath(full(name))}/push`, { query, headers: await authHeader(ref, credentials), signal }, look);
  return { Digest };
}

/** The API's, of 1.46 on, is JSON. */
export function toPlatform(text: string): object {
  const [os = "", architecture = "", variant] = text.split("/");
  return { os, architecture, ...(variant !== undefined && { variant }) };
}

/** See image/index.ts. */
export async function* importImage(
  link: Link,
  from: Readable | URL,
  options: Options<"import"> = {},
): AsyncGenerator<ProgressEvent, { Id: string }> {
  const { reference, message, changes = [], platform, signal } = options;
  const { tag, digest: _digest, ...name } = reference === undefined ? { tag: undefined, digest: undefined } : parseReference(reference);
  const repo = "domain" in name ? full(name) : undefined;
  const query = { fromSrc: from instanceof URL ? from.href : "-", repo, tag, message, changes, platform };
  let Id = "";
  const look = ({ status }: ProgressLine) => (Id = /^(sha256:[0-9a-f]{64})/.exec(status)?.[1] ?? Id);
  for await (const event of told(link, "/images/create", { query, ...(from instanceof URL ? {} : { body: from }), signal }, look))
    if (event.type !== "message" || !event.text.startsWith("sha256:")) yield event;
  return { Id };
}

/** See image/index.ts. */
export async function* loadImages(
  link: Link,
  tar: Readable,
  options: Options<"load"> = {},
): AsyncGenerator<ProgressEvent, { References: string[]; Ids: string[] }> {
  const { platform, noVerify, signal } = options;
  refuseUnverified(noVerify);
  if (platform !== undefined) await link.needs(148, "platform");
  const References: string[] = [];
  const Ids: string[] = [];
  const look = ({ stream }: ProgressLine) => {
    // podman puts several names into one line.
    const [, name] = /^Loaded image(?:\(s\))?: (.*)\s*$/.exec(stream) ?? [];
    const [, id] = /^Loaded image ID: (\S+)/.exec(stream) ?? [];
    if (name !== undefined) References.push(...name.split(","));
    if (id !== undefined) Ids.push(id);
  };
  const query = { quiet: "0", ...(platform !== undefined && { platform: toPlatform(platform) }) };
  try {
    yield* told(link, "/images/load", { query, body: tar, signal }, look);
  } catch (error) {
    throw isArchive(error) ? new EngineError("archive", error.message, { cause: error }) : error;
  }
  return { References, Ids };
}

/** Whose words are about the archive: hosts have no code for that. */
function isArchive(error: unknown): error is EngineError {
  return (
    error instanceof EngineError &&
    ["system", "invalid"].includes(error.code) &&
    /\btar\b|archive|unexpected EOF|manifest\.json|payload does not match/i.test(error.message)
  );
}

/** See image/index.ts. */
export async function saveImages(link: Link, refs: string[], options: Options<"save"> = {}): Promise<Readable> {
  const { format = "docker", platform, signal } = options;
  if (platform !== undefined) await link.needs(148, "platform");
  if (format === "oci" && !(await link.speaks(144)))
    throw new EngineError("unsupported", `"${link.address}" saves no archives that OCI's tools read: its API is older than 1.44`);
  const query = { names: refs, ...(platform !== undefined && { platform: toPlatform(platform) }) };
  const answer = await link.request("GET", "/images/get", { query, signal, takesLong: true });
  return Readable.from(link.bytes(answer), { objectMode: false });
}

export async function distribution(link: Link, ref: string, credentials?: Credentials | null, signal?: AbortSignal) {
  const example = {
    Descriptor: { mediaType: "", digest: "", size: 0 },
    Platforms: [{ os: "", architecture: "" }],
  };
  const name = full(withTag(parseReference(ref)));
  return link.json("GET", `/distribution/${namePath(name)}/json`, example, { headers: await authHeader(ref, credentials), signal });
}
