/** The tags of a repository (distribution-spec, "Listing Tags"), page by page. */
import { EngineError } from "../errors.ts";
import { inTime } from "../http/pace.ts";
import { listOf, object, parseShaped, type Refuse, text } from "../image/documents/index.ts";
import type { RegistryClient } from "./client.ts";

const page = object({ tags: listOf(text) });

/** @throws EngineError `not-found`, `registry`, `registry-auth` */
export async function listTags(client: RegistryClient): Promise<string[]> {
  const refuse: Refuse = (why, cause) =>
    new EngineError("registry", `cannot list the tags of "${client.reference.path}": the answer is malformed: ${why}`, { cause });
  const tags: string[] = [];
  let next: string | URL | undefined = "tags/list?n=1000";
  for (const seen = new Set<string>(); next && !seen.has(String(next)); ) {
    seen.add(String(next));
    const here: string | URL = next;
    const what = `tags of "${client.reference.path}"`;
    const { answer, text } = await inTime(client, what, async (signal) => {
      const response = await client.call(here, { signal });
      if (response.status !== 200) throw await client.refusal(response, what);
      return { answer: response, text: await response.text() };
    });
    tags.push(...(parseShaped<{ tags?: string[] | null }>(text, page, refuse).tags ?? []));
    const link: string | undefined = /<([^>]+)>\s*;\s*rel="?next"?/.exec(answer.headers["link"] ?? "")?.[1];
    next = (link && URL.parse(link, answer.url.href)) || undefined;
  }
  return tags;
}
