/** What there is: repositories, tags, referrers (distribution-spec, "Content Discovery"; `_catalog` is docker's). */
import { mediaTypes } from "../../../image/documents/index.ts";
import type { Answer, Call, RegistryRoute } from "../call.ts";
import { type Page, pageOf } from "../protocol/paging.ts";
import { problem } from "../protocol/problem.ts";
import { requireDigest } from "./blobs.ts";
import { staleHeaders } from "./conditions.ts";

export const listingRoutes: readonly RegistryRoute[] = [
  {
    methods: ["GET", "HEAD"],
    place: "base",
    action: "none",
    summary: "Ask whether this is a registry",
    handle: async () => ({ status: 200, value: {} }),
  },
  {
    methods: ["GET"],
    place: "catalog",
    action: "list",
    summary: "List the repositories that one may pull from",
    async handle({ storage, query, visitor }) {
      const names = (await storage.repositories()).filter((name) => visitor.may(name, "pull"));
      const page = pageOf(names, "/v2/_catalog", query);
      return listed({ repositories: page.items }, page);
    },
  },
  {
    methods: ["GET"],
    place: "tags",
    action: "pull",
    summary: "List the tags of a repository",
    async handle({ storage, name, query, copy }) {
      const given = await copy?.tags();
      const tags = given ? given.value : await storage.tags(name);
      if (!tags) throw problem("NAME_UNKNOWN", `no such repository: "${name}"`, { detail: { name } });
      const page = pageOf(tags, `/v2/${name}/tags/list`, query);
      return listed({ name, tags: page.items }, page, given?.isStale);
    },
  },
  { methods: ["GET"], place: "referrers", action: "pull", summary: "List what refers to a manifest", handle: listReferrers },
];

const listed = (value: unknown, { link }: Page, isStale = false): Answer => ({
  ...{ status: 200, value },
  headers: { ...(link !== undefined && { Link: link }), ...(isStale && staleHeaders) },
});

async function listReferrers({ storage, name, reference, query, copy }: Call): Promise<Answer> {
  const digest = requireDigest(reference);
  const given = await copy?.referrers(digest);
  const all = given?.value ?? (await storage.referrers(name, digest));
  const wanted = query.get("artifactType");
  const manifests = wanted ? all.filter(({ artifactType }) => artifactType === wanted) : all;
  return {
    status: 200,
    value: { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
    headers: {
      "Content-Type": mediaTypes.ociIndex,
      ...(wanted && { "OCI-Filters-Applied": "artifactType" }),
      ...(given?.isStale && staleHeaders),
    },
  };
}
