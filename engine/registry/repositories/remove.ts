/**
 * Removing from a registry (distribution-spec, "Deleting tags", "Deleting Manifests"). Some registries take away tags, some only whole
 * manifests, with every tag that stands for them: nobody loses one of those unasked.
 */
import { EngineError } from "../../errors.ts";
import type { HttpResponse } from "../../http/request.ts";
import { familiar, type Reference } from "../../image/documents/index.ts";
import type { RegistryClient } from "../client.ts";
import { listTags } from "../tags.ts";
import { type Access, nameOf, referenceClient } from "./access.ts";
import { digestOfTag, tagsOfDigest } from "./digests.ts";

export interface RemoveOptions extends Access {
  /** Other tags may go with it. */
  force?: boolean;
}

/** docker's words of `rmi`. */
export type Removed = { Untagged: string } | { Deleted: string };

/**
 * Removes a tag, or a manifest by its digest.
 * @returns what is gone by it
 * @throws EngineError `in-use` when other tags would go without `force`; `unsupported` where nothing can be removed; `not-found`, `registry`,
 * `registry-auth`
 */
export async function removeRemote(ref: string, { force = false, ...access }: RemoveOptions = {}): Promise<Removed[]> {
  const client = referenceClient(ref, { ...access, actions: "pull,delete" });
  const { tag, digest } = client.reference;
  if (digest !== undefined) return await removeManifest(client, digest, { force });
  const response = await client.call(`manifests/${tag}`, { method: "DELETE" });
  if (isDone(response)) return [{ Untagged: familiar(client.reference) }];
  if (!isUnsupported(response)) throw await refused(client, response);
  response.discard();
  return await removeManifest(client, await digestOfTag(client, nameOf(client.reference)), { force, tag });
}

/** @param tag the one that is to go, where it cannot go alone */
async function removeManifest(
  client: RegistryClient,
  digest: string,
  { force, tag }: { force: boolean; tag?: string | undefined },
): Promise<Removed[]> {
  const { domain, path } = client.reference;
  const named = (part: Partial<Reference>) => familiar({ domain, path, ...part });
  const tags = await tagsOfDigest(client, await listTags(client), digest);
  const others = tags.filter((each) => each !== tag);
  if (others.length > 0 && !force) throw wouldTake(client, digest, { tag, others });
  const response = await client.call(`manifests/${digest}`, { method: "DELETE" });
  if (!isDone(response)) throw await refused(client, response);
  return [...tags.map((each) => ({ Untagged: named({ tag: each }) })), { Deleted: named({ digest }) }];
}

function wouldTake(client: RegistryClient, digest: string, { tag, others }: { tag: string | undefined; others: string[] }): EngineError {
  const names = others.map((each) => `"${each}"`).join(", ");
  const why =
    tag === undefined
      ? `the tag${others.length > 1 ? "s" : ""} ${names} would go with it`
      : `this registry removes no tag alone, and with the manifest ${digest} would go ${names}`;
  return new EngineError("in-use", `cannot remove "${familiar(client.reference)}": ${why}`, {
    hint: "-f removes it with them",
    details: { digest, tags: others },
  });
}

/** 202 in the specification; some say 200 or 204. */
function isDone(response: HttpResponse): boolean {
  const is = response.status >= 200 && response.status < 300;
  if (is) response.discard();
  return is;
}

/** 405 in the specification. By tag, older ones call the tag a bad digest: 400. */
const isUnsupported = ({ status }: HttpResponse) => [400, 405, 501].includes(status);

async function refused(client: RegistryClient, response: HttpResponse): Promise<EngineError> {
  const name = familiar(client.reference);
  if (!isUnsupported(response)) return await client.refusal(response, `manifest of "${name}"`, "remove");
  const { message } = await client.refusal(response, "");
  const said = /registry answers \d+: (.*)$/s.exec(message)?.[1];
  return new EngineError("unsupported", `cannot remove "${name}": the registry refuses it${said ? `: ${said}` : ""}`, {
    hint: "it may be read-only, or made to delete nothing (docker's registry: REGISTRY_STORAGE_DELETE_ENABLED=true); what an index names goes after the index",
    exit: 1,
  });
}
