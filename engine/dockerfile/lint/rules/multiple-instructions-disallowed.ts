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
      const last = new Map<Instruction["kind"], Instruction>();
      for (const instruction of instructions) {
        const { kind, keyword } = instruction;
        if (!once.includes(kind)) continue;
        // What is reported is the one without effect.
        const before = last.get(kind);
        if (before)
          report(
            before.location,
            `Multiple ${keyword} instructions should not be used in the same stage because only the last one will be used`,
          );
        last.set(kind, instruction);
      }
    }
  },
});
