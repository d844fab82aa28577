import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "FromAsCasing",
  everywhere: true,
  description: "The 'as' keyword should match the case of the 'from' keyword",
  bad: "FROM scratch as build\n",
  good: "FROM scratch AS build\n",
  check({ dockerfile, report }) {
    for (const { from } of dockerfile.stages) {
      const { keyword, asKeyword } = from;
      if (asKeyword === undefined) continue;
      // A mixed FROM is the business of ConsistentInstructionCasing.
      const lower = keyword === keyword.toLowerCase();
      if (!lower && keyword !== keyword.toUpperCase()) continue;
      const fitting = lower ? asKeyword.toLowerCase() : asKeyword.toUpperCase();
      if (asKeyword !== fitting) report(from.location, `'${asKeyword}' and '${keyword}' keywords' casing do not match`);
    }
  },
});
