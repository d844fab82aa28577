/**
 * The labels in which an image has what its containers begin with: `io.berth.security.NAME`, with the value of the directive of that
 * name; of `seccomp` the profile itself. Labels go where the image goes and are inherited by FROM; an engine that does not know them
 * takes them for any others.
 *
 * An image is anybody's: no value of a label gives a container more than it would have without.
 */
import { EngineError } from "../errors.ts";
import { type DefaultField, directiveSpecs, type SecurityDefaults } from "./berth-directives.ts";
import { type Labels, securityPrefix as prefix } from "./security-label-names.ts";
import { trimSpace } from "./space.ts";

const specs = directiveSpecs.filter(({ kind }) => kind === "default");

export const securityLabel = (field: DefaultField): string => prefix + specs.find((spec) => spec.field === field)!.name;

interface SecurityLabels {
  defaults: SecurityDefaults;
  /** Labels of the kind that nobody here knows: of a newer version, or misspelled. */
  unknown: string[];
}

/** @param of whose labels they are, for errors. @throws EngineError `invalid` for a value that is none: what it was to keep is not known */
export function readSecurityLabels(labels: Labels | null | undefined, of: string): SecurityLabels {
  const found: SecurityLabels = { defaults: {}, unknown: [] };
  for (const [label, text] of Object.entries(labels ?? {})) {
    if (!label.startsWith(prefix)) continue;
    const spec = specs.find(({ name }) => name === label.slice(prefix.length));
    if (!spec) found.unknown.push(label);
    else if (trimSpace(text) !== "off") Object.assign(found.defaults, { [spec.field]: labelValue(spec, label, trimSpace(text), of) });
  }
  return found;
}

function labelValue(spec: (typeof specs)[number], label: string, text: string, of: string): unknown {
  const refuse = (why: string): never => {
    throw new EngineError("invalid", `cannot apply label ${label} of ${of}: ${why}`, {
      exit: 125,
      hint: `give the container another, as --label ${label}=off; ${spec.hint}`,
    });
  };
  return spec.parse(text, refuse) ?? refuse(`invalid value ${JSON.stringify(text.slice(0, 80))}`);
}

/** Defaults that a container has less of than it should: those of `before` that are gone from `after`, or are looser there. */
export function loosened(before: SecurityDefaults, after: SecurityDefaults): DefaultField[] {
  return specs.flatMap(({ field, loosens }) => {
    const [old, own] = [before[field as DefaultField], after[field as DefaultField]];
    const isLooser = old !== undefined && (own === undefined || loosens?.(own, old) === true);
    return isLooser ? [field as DefaultField] : [];
  });
}
