import type { InstructionAnalysis } from "../analysis.ts";
import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "UndefinedVar",
  description: "Variables should be defined before their use",
  bad: "FROM scratch\nCOPY $source /\nARG source=a\n",
  good: "FROM scratch\nARG source=a\nCOPY $source /\n",
  check({ analysis, report }) {
    for (const { complete, instructions } of analysis.stages) {
      const definitions = lastDefinitions(instructions);
      for (const [index, { instruction, undefinedNames }] of instructions.entries()) {
        for (const { name, near } of undefinedNames) {
          // An unknown base image may define it: speak only of what is a typo or is defined further down.
          if (!complete && !near && (definitions.get(name) ?? -1) <= index) continue;
          report(instruction.location, `Usage of undefined variable '$${name}'${near ? ` (did you mean $${near}?)` : ""}`);
        }
      }
    }
  },
});

/** Index of the last instruction that gives a name a value. */
function lastDefinitions(instructions: readonly InstructionAnalysis[]): Map<string, number> {
  const definitions = new Map<string, number>();
  for (const [index, { instruction }] of instructions.entries()) {
    const pairs = instruction.kind === "env" ? instruction.variables : instruction.kind === "arg" ? instruction.args : [];
    for (const { key } of pairs) definitions.set(key, index);
  }
  return definitions;
}
