/** `image sbom`: what an image is made of: what is attested of it, or what is found in it. */
import { EngineError } from "../errors.ts";
import { familiar } from "../image/documents/index.ts";
import type { Bill, BillFormat, BillPackage } from "../image/index.ts";
import { lowerdirs, viewLayers } from "../image/layers/index.ts";
import { chooseVariant, type ResolvedImage, requireImage, topOf, variantsOf } from "../image/store/index.ts";
import { formatPlatform } from "../platform.ts";
import type { Ground } from "../state/ground.ts";
import { listAttestations, usualPlatform } from "./attestations.ts";
import { isLicenseExpression } from "./sbom/licenses.ts";
import { fullName, purlOf } from "./sbom/package.ts";
import { type Scan, scanTree } from "./sbom/scan.ts";
import { billSubject } from "./sbom/subject.ts";
import { predicateTypes } from "./statement.ts";

export interface BillOptions {
  platform?: string;
  format?: BillFormat;
  /** Look into the image, whatever is attested of it. */
  scan?: boolean;
}

const typeOf: Readonly<Record<BillFormat, string>> = { "spdx-json": predicateTypes.spdx, "cyclonedx-json": predicateTypes.cyclonedx };

/** @throws EngineError `not-found`, `invalid`, `corrupt` */
export async function billOf(ground: Ground, ref: string, options: BillOptions = {}): Promise<Bill> {
  const { format = "spdx-json", scan = false } = options;
  const found = requireImage(ground, ref);
  const variants = variantsOf(ground, topOf(ground, found));
  const platform = options.platform ?? formatPlatform(usualPlatform(found, variants));
  const query = { platform, predicateTypes: [typeOf[format]], statements: true };
  const attested = scan ? [] : await listAttestations(ground, ref, query);
  const last = attested.findLast(({ Statement }) => Statement);
  if (last) return attestedBill(last.Digest, platform, last.Statement!.predicate, format);
  const { resolvePlatform } = await import("../image/store/resolve-platform.ts");
  const image = await resolvePlatform(ground, ref, platform);
  if (!image)
    throw new EngineError("not-found", `image "${ref}" is not here for ${platform}`, {
      hint: "see what is there with 'berth images --tree', or fetch it with 'berth pull --platform'",
    });
  const name = found.reference ? familiar(found.reference) : found.image.id;
  const digest = chooseVariant(variants, image.config)?.descriptor.digest ?? image.id;
  return scannedBill(ground, image, { name, digest, time: new Date() }, platform, format);
}

async function scannedBill(
  ground: Ground,
  image: Pick<ResolvedImage, "chainId">,
  about: { name: string; digest: string; time: Date },
  platform: string,
  format: BillFormat,
): Promise<Bill> {
  const scan = await scanImage(ground, image.chainId);
  const Packages = scan.packages.map((each): BillPackage => {
    const named = { Name: fullName(each), Version: each.version, Type: each.type };
    return { ...named, License: each.license ?? "", Purl: purlOf(each, scan.distribution) };
  });
  return { Platform: platform, Packages, Notes: scan.notes, Document: await documentOf(ground, scan, about, format) };
}

/** @param chainId of its layers */
export async function scanImage(ground: Ground, chainId: string): Promise<Scan> {
  await using tree = await viewLayers(ground, lowerdirs(ground, chainId) ?? []);
  return scanTree(tree.root);
}

export async function documentOf(
  ground: Ground,
  { distribution, packages }: Scan,
  about: { name: string; digest: string; time: Date },
  format: BillFormat,
): Promise<object> {
  const subject = billSubject({ ...about, distribution, version: ground.options.version ?? "" });
  if (format === "cyclonedx-json") {
    const { cyclonedxDocument } = await import("./sbom/cyclonedx.ts");
    return cyclonedxDocument(subject, packages, isLicenseExpression);
  }
  const { spdxDocument } = await import("./sbom/spdx.ts");
  return spdxDocument(subject, packages, isLicenseExpression);
}

/** Somebody else's document may be of any shape: what is no package is left out. */
function attestedBill(digest: string, platform: string, predicate: unknown, format: BillFormat): Bill {
  const document = (typeof predicate === "object" && predicate !== null ? predicate : {}) as Record<string, unknown>;
  const listed = document[format === "spdx-json" ? "packages" : "components"];
  const rows = Array.isArray(listed) ? listed.flatMap((each) => packageIn(each as Record<string, unknown>)) : [];
  return { Attestation: digest, Platform: platform, Packages: rows, Notes: [], Document: document };
}

function packageIn(each: Record<string, unknown> | null): BillPackage[] {
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const { name, version, versionInfo, group, purl, externalRefs, licenseDeclared } = each ?? {};
  const refs = Array.isArray(externalRefs) ? (externalRefs as Record<string, unknown>[]) : [];
  const Purl = text(purl) || text(refs.find((ref) => ref?.["referenceType"] === "purl")?.["referenceLocator"]);
  if (text(name) === "" || Purl === "") return [];
  const License = text(licenseDeclared);
  return [
    {
      Name: text(group) ? `${text(group)}/${text(name)}` : text(name),
      Version: text(versionInfo) || text(version),
      Type: /^pkg:([^/]+)/.exec(Purl)?.[1] ?? "",
      License: License === "NOASSERTION" ? "" : License,
      Purl,
    },
  ];
}
