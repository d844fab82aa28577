import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "FromPlatformFlagConstDisallowed",
  everywhere: true,
  description: "FROM --platform flag should not use a constant value",
  bad: "FROM --platform=linux/arm64 debian:12\n",
  good: "FROM --platform=$BUILDPLATFORM debian:12\n",
  check({ analysis, report }) {
    for (const { stage, platform } of analysis.stages) {
      if (!platform || platform.matched.size > 0 || platform.unmatched.size > 0) continue;
      const parts = platform.word.split("/");
      if (parts.length > 3 || !parts.every((part) => /^[A-Za-z0-9_.-]+$/.test(part))) continue;
      // A stage that is named after its platform is meant for it.
      const named = parts.slice(0, 2).some((part) => stage.name?.includes(part.toLowerCase()));
      if (!named) report(stage.from.location, `FROM --platform flag should not use constant value ${JSON.stringify(platform.word)}`);
    }
  },
});
