import { buildkitRule } from "../rule.ts";

export default buildkitRule({
  name: "RedundantTargetPlatform",
  everywhere: true,
  description: "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
  bad: "FROM --platform=$TARGETPLATFORM debian:12\n",
  good: "FROM debian:12\n",
  check({ analysis, report }) {
    for (const { stage, platform } of analysis.stages) {
      if (platform?.matched.size !== 1 || !platform.matched.has("TARGETPLATFORM") || platform.unmatched.size > 0) continue;
      if (platform.word !== analysis.targetPlatform) continue;
      report(
        stage.from.location,
        `Setting platform to predefined ${stage.from.platform} in FROM is redundant as this is the default behavior`,
      );
    }
  },
});
