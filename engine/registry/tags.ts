/** The tags of a repository (distribution-spec, "Listing Tags"), page by page. */
import type { RegistryClient } from "./client.ts";

/** @throws EngineError `not-found`, `registry`, `registry-auth` */
export async function listTags(client: RegistryClient): Promise<string[]> {
  const tags: string[] = [];
  let next: string | URL | undefined = "tags/list?n=1000";
  while (next) {
    const response = await client.call(next);
    if (response.status !== 200) throw await client.refusal(response, `tags of "${client.reference.path}"`);
    tags.push(...((JSON.parse(await response.text()) as { tags?: string[] | null }).tags ?? []));
    const link: string | undefined = /<([^>]+)>\s*;\s*rel="?next"?/.exec(response.headers["link"] ?? "")?.[1];
    next = link && new URL(link, response.url);
  }
  return tags;
}
