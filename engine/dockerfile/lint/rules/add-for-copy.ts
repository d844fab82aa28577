import { berthRule } from "../rule.ts";

const remote = /^[a-z][a-z0-9+.-]*:\/\/|^git@|\.git(#|\?|$)/i;
const archive = /\.(tar|tgz|tbz2?|txz|tzst|tar\.[a-z0-9]+)$/i;

export default berthRule({
  name: "AddForCopy",
  description: "ADD fetches and unpacks; for plain files COPY says what happens",
  bad: "FROM scratch\nADD app /app\n",
  good: "FROM scratch\nCOPY app /app\n",
  check({ analysis, report }) {
    for (const { expanded } of analysis.stages.flatMap((stage) => stage.instructions)) {
      if (expanded.kind !== "add" || expanded.unpack !== undefined) continue;
      // A wildcard may stand for archives.
      const special = expanded.sources.some((source) => remote.test(source) || archive.test(source) || /[*?[]/.test(source));
      if (!special) report(expanded.location, "Use COPY for files and directories: ADD is for URLs, repositories and archives");
    }
  },
});
