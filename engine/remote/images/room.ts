/** The images of a host. */
import { EngineError } from "../../errors.ts";
import { familiar, full, parseReference, parseTag, repository, withTag } from "../../image/documents/index.ts";
import type { ImageDeleteRow, ImageInspect, ImageListOptions, ImageSummary, Images } from "../../image/index.ts";
import type { Platform } from "../../platform.ts";
import { type Link, namePath } from "../link/link.ts";
import { MapOf } from "../link/template.ts";
import { distribution, importImage, loadImages, pullImage, pushImage, saveImages, toPlatform } from "./transfer.ts";

const summary = {
  Id: "",
  ParentId: "",
  RepoTags: [""],
  RepoDigests: [""],
  Created: 0,
  Size: 0,
  SharedSize: -1,
  Containers: -1,
  Labels: new MapOf(""),
};

const inspected = {
  Id: "",
  RepoTags: [""],
  RepoDigests: [""],
  Parent: "",
  Comment: "",
  Created: "",
  Author: "",
  DockerVersion: "",
  Config: {},
  Architecture: "",
  Os: "",
  Size: 0,
  GraphDriver: { Name: "", Data: new MapOf("") },
  RootFS: { Type: "layers" as const, Layers: [""] },
  Metadata: { LastTagTime: "" },
};

const historyRow = { Id: "", Created: 0, CreatedBy: "", Size: 0, Comment: "" };

const isName = (text: string) => !text.includes("<none>");

/** Docker's API tells of names and sizes, and of nothing that is inside a store. */
const untold = "Docker's API does not tell what is stored";

/** What cannot be asked of a host, with the reason. */
export const imageLimits = {
  "images.layers": `${untold}: neither the files of layers, nor their sizes`,
  "images.security": `${untold}: not the files of layers`,
  "images.document": `${untold}: no manifests`,
  "images.referrers": `${untold}: no manifests`,
  "images.attach": "Docker's API takes no manifests",
  "images.attestations": `${untold}: no attestations`,
  "images.bill": `${untold}: neither attestations nor packages`,
  "images.attest": "Docker's API takes no attestations",
} as const;

/** What can be asked of a copy that is here. */
const fetchable: ReadonlySet<keyof typeof imageLimits> = new Set(["images.layers", "images.security", "images.bill"] as const);

const absent = (verb: keyof typeof imageLimits) => async (): Promise<never> => {
  const hint = fetchable.has(verb) ? "look at it here: berth -H HOST save IMAGE | berth load" : undefined;
  throw new EngineError("unsupported", imageLimits[verb], hint === undefined ? {} : { hint });
};

export function remoteImages(link: Link): Images {
  const at = (ref: string) => `/images/${namePath(ref)}`;
  return {
    list: (options) => list(link, options),
    async inspect(ref, { platform, manifests } = {}) {
      if (platform !== undefined) await link.needs(149, "platform");
      const query = { ...(platform !== undefined && { platform: toPlatform(platform) }), manifests };
      return (await link.json("GET", `${at(ref)}/json`, inspected, { query })) as unknown as ImageInspect;
    },
    document: absent("images.document"),
    referrers: absent("images.referrers"),
    attach: absent("images.attach"),
    attestations: absent("images.attestations"),
    bill: absent("images.bill"),
    attest: absent("images.attest"),
    layers: absent("images.layers"),
    security: absent("images.security"),
    history: async (ref) => (await link.json("GET", `${at(ref)}/history`, [historyRow])).map((row) => ({ Tags: null, ...row })),
    async tag(source, target) {
      const { tag = "latest", ...name } = parseTag(target);
      await link.tell("POST", `${at(source)}/tag`, { query: { repo: repository(name), tag } });
    },
    async remove(ref, { force, noPrune } = {}) {
      return (await link.json("DELETE", at(ref), [{}], { query: { force, noprune: noPrune } })) as ImageDeleteRow[];
    },
    async prune({ all = false, filters = {} } = {}) {
      const given = { ...filters, ...(all && { dangling: ["false"] }) };
      const example = { ImagesDeleted: [{}], SpaceReclaimed: 0 };
      const found = await link.json("POST", "/images/prune", example, { query: { filters: given } });
      return { ...found, ImagesDeleted: found.ImagesDeleted as ImageDeleteRow[] };
    },
    pull: (ref, options) => pullImage(link, ref, options),
    push: (ref, options) => pushImage(link, ref, options),
    async resolve(ref, { signal } = {}) {
      const { digest, ...name } = withTag(parseReference(ref));
      const { Descriptor } = await distribution(link, ref, undefined, signal);
      return full({ ...name, digest: digest ?? Descriptor.digest });
    },
    async distribution(ref, { credentials, signal } = {}) {
      const found = await distribution(link, ref, credentials, signal);
      return { ...found, Platforms: found.Platforms as Platform[] };
    },
    import: (from, options) => importImage(link, from, options),
    load: (tar, options) => loadImages(link, tar, options),
    save: (refs, options) => saveImages(link, refs, options),
  };
}

async function list(link: Link, { all, reference, filters = {}, manifests = false }: ImageListOptions = {}): Promise<ImageSummary[]> {
  if (manifests) await link.needs(147, "tree");
  const wanted =
    reference === undefined ? filters : { ...filters, reference: [...(filters["reference"] ?? []), familiar(parseReference(reference))] };
  const rows = await link.json("GET", "/images/json", [summary], { query: { all, filters: wanted, manifests, "shared-size": "1" } });
  return rows.map((row) => {
    const [RepoTags, RepoDigests] = [row.RepoTags.filter(isName), row.RepoDigests.filter(isName)];
    return { ...row, RepoTags, RepoDigests, Dangling: RepoTags.length === 0 };
  });
}
