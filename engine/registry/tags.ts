/** The tags of a repository (distribution-spec, "Listing Tags"). */
import type { RegistryClient } from "./client.ts";
import { type Paging, pagesOf } from "./pages.ts";

/** Page by page, in the registry's order. @throws EngineError `not-found`, `registry`, `registry-auth` */
export function tagPages(client: RegistryClient, paging?: Paging): AsyncGenerator<string[]> {
  return pagesOf(client, { place: "tags/list", member: "tags", what: `tags of "${client.reference.path}"` }, paging);
}

/** All of them. @throws EngineError `not-found`, `registry`, `registry-auth` */
export async function listTags(client: RegistryClient): Promise<string[]> {
  return (await Array.fromAsync(tagPages(client))).flat();
}
