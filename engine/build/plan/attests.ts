/** What is to be attested of a build's result: `--attest`, `--provenance` and `--sbom`, by buildx's names. Pure. */
import type { ProvenanceWish } from "../../attest/index.ts";
import { EngineError } from "../../errors.ts";
import type { BillFormat } from "../../image/index.ts";
import type { BuildOptions } from "../index.ts";

export interface AttestWishes {
  provenance?: ProvenanceWish;
  /** One statement for each format. */
  bills: BillFormat[];
  /** Only with images: a directory gets no files for it. */
  inlineOnly: boolean;
}

type Attributes = Readonly<Record<string, string>>;

/** Nothing unless it is asked for. @throws EngineError `usage`, `unsupported` */
export function attestsOf({ attests = [] }: Pick<BuildOptions, "attests">): AttestWishes {
  const wishes: AttestWishes = { bills: [], inlineOnly: false };
  // Of several for one type the last counts, as of all flags.
  for (const [type, attributes] of new Map(attests.map((each) => [each.type, each.attributes]))) {
    if (type !== "provenance" && type !== "sbom")
      throw new EngineError("usage", `cannot attest "${type}" of a build`, {
        hint: "write type=provenance or type=sbom; 'berth image attest' takes statements of any type",
      });
    if (isDisabled(attributes)) continue;
    if (type === "sbom") wishes.bills = billsOf(attributes);
    else {
      wishes.provenance = provenanceOf(attributes);
      wishes.inlineOnly = isTrue("inline-only", attributes["inline-only"]);
    }
  }
  return wishes;
}

/** True when anything is to be attested. */
export function attestsAnything({ provenance, bills }: AttestWishes): boolean {
  return provenance !== undefined || bills.length > 0;
}

const isDisabled = ({ disabled }: Attributes) => disabled !== undefined && isTrue("disabled", disabled);

function isTrue(name: string, value: string | undefined): boolean {
  if (value === undefined || /^(?:0|f|false)$/i.test(value)) return false;
  if (/^(?:1|t|true)?$/i.test(value)) return true;
  throw new EngineError("usage", `invalid value "${value}" for "${name}" of an attestation`, { hint: "write true or false" });
}

function provenanceOf(attributes: Attributes): ProvenanceWish {
  const { mode = "min", version = "v1", "builder-id": builderId, reproducible } = attributes;
  refuseOthers("provenance", attributes, ["mode", "version", "builder-id", "reproducible", "inline-only", "filename"]);
  if (mode !== "min" && mode !== "max") throw invalid("mode", mode, "min or max");
  if (version !== "v1" && version !== "v0.2") throw invalid("version", version, "v1 or v0.2");
  return { mode, version, ...(builderId && { builderId }), ...(isTrue("reproducible", reproducible) && { reproducible: true }) };
}

/** BuildKit lets a scanner be named, an image that it runs: this one is built in. */
function billsOf(attributes: Attributes): BillFormat[] {
  refuseOthers("sbom", attributes, ["format"]);
  const formats = (attributes["format"] ?? "spdx").split("+").map((each) => each.replace(/-json$/, ""));
  return [...new Set(formats)].map((each) => {
    if (each !== "spdx" && each !== "cyclonedx") throw invalid("format", each, "spdx, cyclonedx or spdx+cyclonedx");
    return `${each}-json` as const;
  });
}

function invalid(name: string, value: string, expected: string): EngineError {
  return new EngineError("usage", `invalid ${name} "${value}" of an attestation`, { hint: `write ${expected}` });
}

function refuseOthers(type: string, attributes: Attributes, known: readonly string[]): void {
  const other = Object.keys(attributes).find((name) => ![...known, "type", "disabled"].includes(name));
  if (other === undefined) return;
  const hint = other === "generator" ? "leave it out: berth looks for packages itself" : `it takes ${known.join(", ")}`;
  throw new EngineError("unsupported", `cannot attest type=${type} with "${other}"`, { hint, exit: 1 });
}
