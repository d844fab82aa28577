/** A bill of materials as an SPDX 2.3 document (its JSON form): the image is a package that contains the others. Pure. */
import { type FoundPackage, fullName, purlOf } from "./package.ts";
import type { BillSubject } from "./subject.ts";

const none = "NOASSERTION";

/** @param isLicense tells SPDX's own expressions from other words */
export function spdxDocument(subject: BillSubject, packages: readonly FoundPackage[], isLicense: (text: string) => boolean): object {
  const { name, digest, created, distribution, version, identity } = subject;
  const [algorithm = "", hex = ""] = digest.split(":");
  const image = {
    SPDXID: "SPDXRef-Image",
    name,
    ...{
      versionInfo: digest,
      downloadLocation: none,
      filesAnalyzed: false,
      licenseConcluded: none,
      licenseDeclared: none,
      copyrightText: none,
    },
    primaryPackagePurpose: "CONTAINER",
    checksums: [{ algorithm: algorithm.toUpperCase(), checksumValue: hex }],
  };
  const listed = packages.map((each, at) => ({
    SPDXID: `SPDXRef-Package-${at + 1}`,
    name: fullName(each),
    ...(each.version && { versionInfo: each.version }),
    ...(each.supplier && { supplier: `Organization: ${each.supplier}` }),
    downloadLocation: none,
    filesAnalyzed: false,
    ...(each.homepage && isAddress(each.homepage) && { homepage: each.homepage }),
    sourceInfo: `recorded in ${each.place}`,
    licenseConcluded: none,
    licenseDeclared: each.license && isLicense(each.license) ? each.license : none,
    copyrightText: none,
    externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purlOf(each, distribution) }],
  }));
  const related = (from: string, relationshipType: string, to: string) => ({
    spdxElementId: from,
    relationshipType,
    relatedSpdxElement: to,
  });
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name,
    documentNamespace: `urn:uuid:${identity}`,
    creationInfo: { created, creators: [`Tool: berth-${version}`] },
    packages: [image, ...listed],
    relationships: [
      related("SPDXRef-DOCUMENT", "DESCRIBES", image.SPDXID),
      ...listed.map(({ SPDXID }) => related(image.SPDXID, "CONTAINS", SPDXID)),
    ],
  };
}

const isAddress = (text: string) => /^https?:\/\/\S+$/.test(text);
