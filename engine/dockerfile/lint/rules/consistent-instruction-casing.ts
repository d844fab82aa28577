import { buildkitRule } from "../rule.ts";

const isLower = (keyword: string) => keyword === keyword.toLowerCase();
const isUpper = (keyword: string) => keyword === keyword.toUpperCase();

export default buildkitRule({
  name: "ConsistentInstructionCasing",
  ofFile: true,
  everywhere: true,
  description: "All commands within the Dockerfile should use the same casing (either upper or lower)",
  bad: "FROM scratch\ncopy a /\nCOPY b /\n",
  good: "FROM scratch\nCOPY a /\nCOPY b /\n",
  check({ dockerfile, report }) {
    const all = dockerfile.stages.flatMap((stage) => [stage.from, ...stage.instructions]);
    const lower = all.filter(({ keyword }) => isLower(keyword)).length;
    const upper = all.filter(({ keyword }) => isUpper(keyword) && !isLower(keyword)).length;
    const wantsLower = lower > upper;
    for (const { keyword, location } of all) {
      if (wantsLower ? isLower(keyword) : isUpper(keyword)) continue;
      const casing = wantsLower ? "lowercase" : "uppercase";
      report(location, `Command '${keyword}' should match the case of the command majority (${casing})`);
    }
  },
});
