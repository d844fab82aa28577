import type { Instruction } from "../../types.ts";
import { buildkitRule } from "../rule.ts";

const once: readonly Instruction["kind"][] = ["cmd", "entrypoint", "healthcheck"];

export default buildkitRule({
  name: "MultipleInstructionsDisallowed",
  description: "Multiple instructions of the same type should not be used in the same stage",
  bad: 'FROM scratch\nCMD ["a"]\nCMD ["b"]\n',
  good: 'FROM scratch\nCMD ["b"]\n',
  check({ dockerfile, report }) {
    for (const { instructions } of dockerfile.stages) {
      for (const [index, { kind, location }] of instructions.entries()) {
        // What is reported is the one without effect.
        const later = once.includes(kind) ? instructions.slice(index + 1).find((other) => other.kind === kind) : undefined;
        if (later)
          report(
            location,
            `Multiple ${later.keyword} instructions should not be used in the same stage because only the last one will be used`,
          );
      }
    }
  },
});
