/** Completion of what lies in registries that this machine knows. A registry that does not answer at once offers nothing. */
import type { Context } from "../command.ts";
import { knownRegistries } from "./known.ts";

/** Milliseconds that one may take: somebody waits with a finger on a key. */
const patience = 700;
/** Names that are looked at. */
const most = 500;

/** Registries. */
export async function completeRegistries({ engine }: Context): Promise<string[]> {
  return (await knownRegistries(engine)).map(({ Name }) => Name);
}

/** Repositories, behind a registry's name. */
export const completeRepositories = (context: Context, word: string) => completeNames(context, word, false);

/** Repositories, and behind ":" tags. */
export const completeReferences = (context: Context, word: string) => completeNames(context, word, true);

async function completeNames({ engine, signal }: Context, word: string, withTags: boolean): Promise<string[]> {
  const known = (await knownRegistries(engine)).map(({ Name }) => Name);
  const registry = known.find((name) => word.startsWith(`${name}/`));
  if (registry === undefined) return known.map((name) => `${name}/`);
  const limits = { signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]) };
  const colon = word.indexOf(":", registry.length);
  try {
    if (colon < 0) return await repositoriesOf(registry, limits);
    return withTags ? await tagsOf(word.slice(0, colon), limits) : [];
  } catch {
    return []; // it is away, or has no catalog: nothing to offer is not a failure
  }
}

async function repositoriesOf(registry: string, limits: { signal: AbortSignal }): Promise<string[]> {
  const { listRepositories } = await import("../../../engine/registry/repositories/index.ts");
  const { value = [] } = await listRepositories(registry, { ...limits, paging: { count: most } }).next();
  return (value as string[]).map((name) => `${registry}/${name}`);
}

async function tagsOf(repository: string, limits: { signal: AbortSignal }): Promise<string[]> {
  const { repositoryClient, tagPages } = await import("../../../engine/registry/repositories/index.ts");
  const { value = [] } = await tagPages(repositoryClient(repository, limits), { count: most }).next();
  return (value as string[]).map((tag) => `${repository}:${tag}`);
}
