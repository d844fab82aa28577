import { nearest } from "../../suggest.ts";
import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "UndefinedVar",
  description: "Variables should be defined before their use",
  bad: "FROM scratch\nCOPY $source /\nARG source=a\n",
  good: "FROM scratch\nARG source=a\nCOPY $source /\n",
  check({ analysis, report }) {
    for (const { complete, instructions } of analysis.stages) {
      for (const [index, { instruction, undefinedNames, known }] of instructions.entries()) {
        for (const name of undefinedNames) {
          const near = nearest(name, known);
          // An unknown base image may define it: speak only of what is a typo or is defined further down.
          if (!complete && !near && !definesLater(instructions.slice(index + 1), name)) continue;
          report(instruction.location, `Usage of undefined variable '$${name}'${near ? ` (did you mean $${near}?)` : ""}`);
        }
      }
    }
  },
});

function definesLater(rest: readonly { instruction: { kind: string } }[], name: string): boolean {
  return rest.some(({ instruction }) => definedBy(instruction as never).includes(name));
}

function definedBy(instruction: { kind: string; variables?: { key: string }[]; args?: { key: string }[] }): string[] {
  const pairs = instruction.kind === "env" ? instruction.variables : instruction.kind === "arg" ? instruction.args : undefined;
  return (pairs ?? []).map(({ key }) => key);
}
