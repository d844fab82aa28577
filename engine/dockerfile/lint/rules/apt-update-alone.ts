import { berthRule } from "../rule.ts";
import { commandsOf } from "../shell-commands.ts";

export default berthRule({
  name: "AptUpdateAlone",
  description: "A cached apt-get update makes a later install work with old package lists",
  bad: "FROM debian:12\nRUN apt-get update\nRUN apt-get install -y curl=7.*\n",
  good: "FROM debian:12\nRUN apt-get update && apt-get install -y curl=7.* && rm -rf /var/lib/apt/lists/*\n",
  check({ dockerfile, report }) {
    for (const run of dockerfile.stages.flatMap((stage) => stage.instructions)) {
      if (run.kind !== "run") continue;
      const apt = commandsOf(run).filter(({ words }) => /^apt(-get)?$/.test(words[0] ?? ""));
      if (apt.length === 0 || !apt.every(({ words }) => words.includes("update"))) continue;
      report(run.location, "apt-get update in a RUN of its own is cached while packages move on: install in the same RUN");
    }
  },
});
