/** A package that an image has: what its manager's records say of it. Plain data. */
import { PackageURL } from "packageurl-js";

/** Types of package URLs. */
export type PackageType = "deb" | "apk" | "rpm" | "npm" | "pypi" | "golang";

export interface FoundPackage {
  type: PackageType;
  name: string;
  /** "@scope" of npm, "github.com/owner" of Go. */
  namespace?: string;
  version: string;
  architecture?: string;
  /** As its record has it: an SPDX expression, or anything else. */
  license?: string;
  /** Who made or packaged it. */
  supplier?: string;
  /** The source package it was built from, with its version. */
  source?: string;
  homepage?: string;
  /** The file that says so, from the image's root: "/var/lib/dpkg/status". */
  place: string;
}

/** What os-release(5) says, as far as package URLs want it. */
export interface Distribution {
  id: string;
  version: string;
  name: string;
}

export const unknownDistribution: Distribution = { id: "", version: "", name: "" };

const ofDistribution: Readonly<Partial<Record<PackageType, string>>> = { deb: "debian", apk: "alpine", rpm: "redhat" };

/** purl-spec. */
export function purlOf(each: FoundPackage, { id, version }: Distribution): string {
  const usual = ofDistribution[each.type];
  const namespace = usual ? id || usual : each.namespace;
  // An rpm's epoch is no part of its version there.
  const [, epoch, release] = (each.type === "rpm" && /^(\d+):(.*)$/.exec(each.version)) || [];
  const qualifiers: Record<string, string> = {
    ...(each.architecture && { arch: each.architecture }),
    ...(each.source && { upstream: each.source }),
    ...(epoch !== undefined && { epoch }),
    ...(usual && id && { distro: version ? `${id}-${version}` : id }),
  };
  return new PackageURL(each.type, namespace, each.name, release ?? (each.version || null), qualifiers, null).toString();
}

/** The name as its users write it: "@scope/name". */
export function fullName({ namespace, name }: FoundPackage): string {
  return namespace ? `${namespace}/${name}` : name;
}
