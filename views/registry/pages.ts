/** The pages of details about registries, repositories and tags. Pure. */
import type { JudgedDetails } from "../../engine/trust/index.ts";
import { humanSize } from "../../src/format/size.ts";
import { type DetailSection, stepText } from "../resources/resource.ts";
import type { RegistryRow, RepositoryRow } from "./rows.ts";

const short = (digest: string) => digest.slice(0, 19);

export function registryFacts(row: RegistryRow, state: string): DetailSection[] {
  const rows: [string, string][] = [
    ["Name", row.name],
    ["Logged in", row.loggedIn ? "yes" : "no"],
    ["Images here", String(row.images)],
    ["State", row.error ? "failed" : state],
  ];
  const { error } = row;
  const wrong = error
    ? [{ kind: "lines" as const, title: "What is wrong", lines: [...error.message.split("\n"), `hint: ${error.hint}`] }]
    : [];
  return [{ kind: "pairs", title: "", rows }, ...wrong];
}

export function repositoryFacts({ name, registry, images }: RepositoryRow): DetailSection[] {
  const rows: [string, string][] = [
    ["Name", name],
    ["Registry", registry],
    ["Images here", String(images)],
  ];
  return [{ kind: "pairs", title: "", rows }];
}

export function overviewOf(found: JudgedDetails): DetailSection[] {
  const { Manifest: image, Manifests, Annotations } = found;
  const config = image?.Config;
  const facts: [string, string | undefined][] = [
    ["Name", found.Name],
    ["Digest", found.Digest],
    ["Type", found.ArtifactType ?? found.MediaType],
    ["Platform", image?.Platform],
    ["Created", image?.Created?.replace(/\.\d+/, "")],
    ["Size", image && humanSize(image.Size)],
    ["Entrypoint", config?.Entrypoint?.join(" ")],
    ["Cmd", config?.Cmd?.join(" ")],
    ["User", config && (config.User || "root")],
    ["Signed", signedText(found)],
  ];
  const platforms = (Manifests ?? []).map((each) => ({
    platform: each.Platform ?? (each.For === undefined ? "" : `about ${short(each.For)}`),
    digest: short(each.Digest),
    type: each.ArtifactType ?? each.Annotations?.["vnd.docker.reference.type"] ?? "",
  }));
  return [
    { kind: "pairs", title: "", rows: facts.filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== "") },
    ...table("Platforms", platforms),
    ...table(
      "Annotations",
      Object.entries({ ...Annotations, ...image?.Annotations }).map(([name, value]) => ({ name, value })),
    ),
    ...table(
      "Labels",
      Object.entries(config?.Labels ?? {}).map(([name, value]) => ({ name, value })),
    ),
  ];
}

/** Whether something signs it, and whether that holds. */
function signedText({ Referrers, Verification: verdict }: JudgedDetails): string {
  const isSigned = Referrers.some(({ Kind }) => Kind === "signature");
  if (!verdict) return isSigned ? "yes, not verified" : "no";
  const { Verified, SignedBy, Policies = [] } = verdict;
  if (SignedBy.length > 0 && Verified) return `yes, by ${SignedBy.join(", ")}`;
  if (Verified) return isSigned ? "yes, not verified: the policies ask for no signature" : "no";
  const asked = Policies.find(({ Satisfied }) => !Satisfied)?.Rule ?? "";
  return isSigned ? `yes, but not as ${asked} asks` : `no, though ${asked} asks for it`;
}

export function layersOf({ Manifest }: JudgedDetails): DetailSection[] {
  if (!Manifest) return [nothing("it has no manifest with layers")];
  const rows = Manifest.Layers.map(({ Digest, Size, CreatedBy, MediaType }) => ({
    layer: short(Digest),
    size: humanSize(Size),
    "created by": CreatedBy === undefined ? MediaType : stepText(CreatedBy),
  }));
  return rows.length > 0 ? table(`Of ${Manifest.Platform ?? "it"}, lowest first`, rows) : [nothing("it has no layers")];
}

export function attachedOf({ Referrers, Verification: verdict }: JudgedDetails): DetailSection[] {
  if (Referrers.length === 0) return [nothing("nothing refers to it: no signature, SBOM or attestation")];
  const rows = Referrers.map(({ Kind, Digest, Size, ArtifactType, Tag }) => ({
    kind: Kind,
    digest: short(Digest),
    size: humanSize(Size),
    ...(verdict && { holds: holdsText(verdict, Digest) }),
    type: Tag === undefined ? (ArtifactType ?? "") : `tag ${Tag}`,
  }));
  return table(verdict ? "What refers to it" : "What refers to it; signatures are not verified: there is no policy", rows);
}

/** What the signatures in a manifest are worth. */
function holdsText({ Signatures }: NonNullable<JudgedDetails["Verification"]>, digest: string): string {
  const found = Signatures.filter(({ Manifest }) => Manifest === digest);
  const by = [...new Set(found.flatMap(({ SignedBy, Problem }) => (Problem === "" ? SignedBy : [])))];
  return by.length > 0 ? `by ${by.join(", ")}` : (found[0]?.Problem ?? "");
}

const table = (title: string, rows: Record<string, string>[]): DetailSection[] => (rows.length > 0 ? [{ kind: "table", title, rows }] : []);
const nothing = (text: string): DetailSection => ({ kind: "lines", title: "", lines: [text] });
