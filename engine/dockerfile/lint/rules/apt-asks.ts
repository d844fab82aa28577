import { berthRule } from "../rule.ts";
import { commandsOf } from "../shell-commands.ts";

const assumes = /^-(?:[a-zA-Z]*y[a-zA-Z]*|qq.*)$|^--(?:yes|assume-yes)$|APT::Get::Assume-Yes/i;

export default berthRule({
  name: "AptAsks",
  description: "apt-get install without -y asks a question that nobody answers",
  bad: "FROM debian:12\nRUN apt-get update && apt-get install curl=7.* && rm -rf /var/lib/apt/lists/*\n",
  good: "FROM debian:12\nRUN apt-get update && apt-get install -y curl=7.* && rm -rf /var/lib/apt/lists/*\n",
  check({ dockerfile, report }) {
    for (const run of dockerfile.stages.flatMap((stage) => stage.instructions)) {
      if (run.kind !== "run") continue;
      const asks = commandsOf(run).some(({ words }) => {
        return (
          /^apt(-get)?$/.test(words[0] ?? "") &&
          words.some((word) => /^(install|upgrade|dist-upgrade|full-upgrade)$/.test(word)) &&
          !words.some((word) => assumes.test(word))
        );
      });
      if (asks) report(run.location, "apt-get asks before it installs, and a build cannot answer: add -y");
    }
  },
});
