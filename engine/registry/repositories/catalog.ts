/** The repositories of a registry (`_catalog`: distribution's own, which the distribution-spec does not ask for). */
import { EngineError } from "../../errors.ts";
import type { Paging } from "../pages.ts";
import { pagesOf } from "../pages.ts";
import { type Access, registryClient } from "./access.ts";

/**
 * Their names, page by page.
 * @throws EngineError `unsupported` by a registry that has no such list, or shows it to nobody; `registry`, `registry-auth`
 */
export async function* listRepositories(
  registry: string,
  { paging, ...access }: Access & { paging?: Paging } = {},
): AsyncGenerator<string[]> {
  const client = registryClient(registry, access);
  const { domain } = client.reference;
  // It would ask for a password, and then for a right that it gives to nobody.
  if (domain === "docker.io") throw withoutCatalog(domain);
  yield* pagesOf(
    client,
    {
      place: await client.at("/v2/_catalog"),
      member: "repositories",
      what: `repositories of "${domain}"`,
      refusal: ({ status }) => (status === 404 || status === 405 || status === 501 ? withoutCatalog(domain) : undefined),
    },
    paging,
  );
}

function withoutCatalog(domain: string): EngineError {
  return new EngineError("unsupported", `cannot list the repositories of "${domain}": this registry has no catalog`, {
    hint:
      domain === "docker.io"
        ? "find images with 'berth search', and the tags of one with 'berth registry tags NAME'"
        : "name a repository: 'berth registry tags REGISTRY/NAME' lists its tags",
    exit: 1,
  });
}
