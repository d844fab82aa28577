import { berthRule } from "../rule.ts";
import { commandsOf } from "../shell-commands.ts";

export default berthRule({
  name: "CdInRun",
  description: "The directory that cd enters is forgotten at the end of the RUN; WORKDIR stays",
  bad: "FROM scratch\nRUN cd /src && make\n",
  good: "FROM scratch\nWORKDIR /src\nRUN make\n",
  check({ dockerfile, report }) {
    for (const run of dockerfile.stages.flatMap((stage) => stage.instructions)) {
      if (run.kind !== "run") continue;
      const [first] = commandsOf(run);
      if (first?.words[0] === "cd" && first.words.length === 2) report(run.location, `Use WORKDIR ${first.words[1]} instead of cd`);
    }
  },
});
