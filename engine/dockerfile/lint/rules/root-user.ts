import { berthRule } from "../rule.ts";

export default berthRule({
  name: "RootUser",
  description: "The last USER of the image should not be root",
  bad: "FROM debian:12\nUSER root\n",
  good: "FROM debian:12\nUSER nobody\n",
  check({ analysis, report }) {
    const last = analysis.stages.at(-1)?.instructions.findLast(({ expanded }) => expanded.kind === "user")?.expanded;
    if (last?.kind !== "user" || !/^(root|0+)(:|$)/.test(last.user)) return;
    report(last.location, `Containers of this image run as root: end with USER and an ordinary user`);
  },
});
