import type { DefaultField, SecurityDefaults } from "../../berth-directives.ts";
import { loosened, readSecurityLabels, securityLabel } from "../../security-labels.ts";
import type { BerthDirectives } from "../../types.ts";
import type { StageAnalysis } from "../analysis.ts";
import { berthRule } from "../rule.ts";

export default berthRule({
  name: "LoosenedSecurity",
  description: "What containers of the base image begin with should not be looser in an image that is built from it",
  bad: "# berth:memory 1g\nFROM registry.example.org/small:1\n",
  good: "# berth:memory 64m\nFROM registry.example.org/small:1\n",
  check({ analysis, dockerfile: { berth }, options, report }) {
    const target = analysis.stages.findLast(({ stage }) => isTarget(stage, options.target)) ?? analysis.stages.at(-1);
    const { labels } = baseOf(target) ?? {};
    const before = labels ? readSecurityLabels(labels, "the base image").defaults : {};
    for (const field of loosened(before, { ...before, ...ownDefaults(berth, before) })) {
      const location = berth[field]?.location;
      if (location) report(location, `Containers of the base image begin with less: its label ${securityLabel(field)} says so`);
    }
  },
});

const isTarget = ({ name, index }: { name?: string; index: number }, target: string | undefined) =>
  target !== undefined && (name === target.toLowerCase() || String(index) === target);

function baseOf(stage: StageAnalysis | undefined): StageAnalysis["base"] {
  let lowest = stage;
  while (lowest?.parent) lowest = lowest.parent;
  return lowest?.base;
}

/** A profile is compared when it is read: its file is not looked at here. */
function ownDefaults(berth: BerthDirectives, before: SecurityDefaults): SecurityDefaults {
  const fields = (Object.keys(before) as DefaultField[]).filter((field) => berth[field] && field !== "seccomp");
  return Object.fromEntries(fields.map((field) => [field, berth[field]?.value === "off" ? undefined : berth[field]?.value]));
}
