/** The lists about registries: those that are known, the repositories of one, the tags of one of these. */
import type { SignatureState } from "../../engine/trust/index.ts";
import { ago } from "../../src/format/duration.ts";
import { humanSize } from "../../src/format/size.ts";
import { inspectTab, type ResourceView } from "../resources/resource.ts";
import type { Tone } from "../theme.ts";
import { attachedOf, layersOf, overviewOf, registryFacts, repositoryFacts } from "./pages.ts";
import type { RegistryRow, RepositoryRow, TagRow } from "./rows.ts";

const tones: Record<RegistryRow["status"], Tone> = { there: "good", reading: "busy", failed: "bad", idle: "dim" };
const symbols: Record<RegistryRow["status"], string> = { there: "●", reading: "◌", failed: "✗", idle: "·" };

function stateOf({ status, repositories, error }: RegistryRow): string {
  if (error) return error.message;
  if (!repositories) return status === "reading" ? "asked" : "not asked";
  const { count, isAll } = repositories;
  return `${count}${isAll ? "" : " or more"} repositor${count === 1 ? "y" : "ies"}`;
}

const count = (images: number) => (images > 0 ? String(images) : "");

export const registries: ResourceView<RegistryRow> = {
  id: "registries",
  title: "Registries",
  key: "8",
  isLazy: true,
  noun: "registry",
  events: [],
  columns: [
    { header: " ", name: "symbol", min: 1, value: ({ status }) => symbols[status], tone: ({ status }) => tones[status] },
    { header: "REGISTRY", min: 16, grow: 3, value: ({ name }) => name, sort: ({ name }) => name },
    {
      header: "LOGGED IN",
      min: 9,
      drop: 3,
      value: ({ loggedIn }) => (loggedIn ? "yes" : "no"),
      tone: ({ loggedIn }) => (loggedIn ? "plain" : "dim"),
    },
    { header: "IMAGES HERE", min: 11, align: "right", drop: 2, value: ({ images }) => count(images), sort: ({ images }) => -images },
    { header: "STATE", min: 16, content: 20, grow: 4, value: stateOf, tone: ({ status }) => tones[status] },
  ],
  load: (engine, { registries: known }) => known.registries(engine),
  identify: ({ name }) => name,
  name: ({ name }) => name,
  haystack: (row) => `${row.name} ${stateOf(row)}`.toLowerCase(),
  detail: async (_engine, row) => registryFacts(row, stateOf(row)),
  empty: ["No registry is known here.", "Press <registry.open> to open one by its name, or log in with :login."],
};

export const repositories: ResourceView<RepositoryRow> = {
  id: "repositories",
  title: "Repositories",
  after: "registries",
  noun: "repository",
  events: [],
  columns: [
    { header: "REPOSITORY", min: 24, grow: 4, value: ({ path }) => path, sort: ({ path }) => path },
    { header: "IMAGES HERE", min: 11, align: "right", drop: 2, value: ({ images }) => count(images), sort: ({ images }) => -images },
  ],
  load: async (engine, { registries: known, opened }) => (opened === undefined ? [] : known.repositories(opened, engine)),
  identify: ({ name }) => name,
  name: ({ name }) => name,
  haystack: ({ path }) => path.toLowerCase(),
  detail: async (_engine, row) => repositoryFacts(row),
  empty: ["No repositories.", "Push an image: tag it with the registry's name, then :push NAME."],
};

/** Only what was verified looks good: that something signs an image is nothing yet. */
const signatureTones: Record<SignatureState, Tone> = { verified: "good", untrusted: "bad", present: "plain", none: "dim" };

const created = ({ details }: TagRow) => (details?.Created === undefined ? undefined : Date.parse(details.Created));

export const tags: ResourceView<TagRow> = {
  id: "tags",
  title: "Tags",
  after: "repositories",
  noun: "tag",
  events: [],
  columns: [
    { header: "TAG", min: 12, grow: 3, value: ({ tag }) => tag, sort: ({ tag }) => tag },
    {
      header: "SIZE",
      min: 9,
      content: 9,
      align: "right",
      value: ({ details, error }) => (error ? "?" : details ? humanSize(details.Size) : "…"),
      sort: ({ details }) => -(details?.Size ?? 0),
      tone: ({ details, error }) => (error ? "bad" : details ? "plain" : "dim"),
    },
    {
      header: "CREATED",
      min: 18,
      content: 18,
      drop: 2,
      value: (row, now) => (created(row) === undefined ? "" : ago(created(row)! / 1000, now)),
      sort: (row) => -(created(row) ?? 0),
    },
    { header: "PLATFORMS", min: 11, content: 11, grow: 2, drop: 3, value: ({ details }) => details?.Platforms.join(", ") ?? "" },
    {
      header: "SIGNATURE",
      min: 9,
      drop: 1,
      value: ({ details }) => details?.Signature ?? "",
      tone: ({ details }) => signatureTones[details?.Signature ?? "none"],
    },
    { header: "DIGEST", min: 19, drop: 4, value: ({ details }) => details?.Digest.slice(0, 19) ?? "", tone: () => "dim" },
  ],
  load: async (_engine, { registries: known, opened }) => (opened === undefined ? [] : known.tags(opened)),
  identify: ({ name }) => name,
  name: ({ name }) => name,
  haystack: (row) => `${row.tag} ${row.details?.Digest ?? ""} ${row.details?.Platforms.join(" ") ?? ""}`.toLowerCase(),
  since: created,
  detail: async (_engine, row) => overviewOf(await row.look()),
  tabs: [
    { title: "Layers", read: async (_engine, row) => layersOf(await row.look()) },
    { title: "Attached", read: async (_engine, row) => attachedOf(await row.look()) },
    inspectTab((_engine, row) => row.look()),
  ],
  empty: ["No tags."],
};
