/** ARG in a stage: a variable for what follows, and for the cache's keys. */
import { record } from "../plan/index.ts";
import { step } from "./step.ts";

/** ARGs that speak to BuildKit's attestations and are no variables of the build. */
const notVariables = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

export default step({
  kind: "arg",
  /** The caller's value or the default, else that of the ARG of the same name before the first FROM. */
  declare({ plan }, state, instruction) {
    const words = instruction.args.map(({ key, value: own }) => {
      const value = own ?? plan.globalArgs.get(key);
      state.buildArgs = [...state.buildArgs.filter((arg) => arg.key !== key), { key, ...(value === undefined ? {} : { value }) }];
      if (value !== undefined && !notVariables.includes(key)) state.environment.set(key, value);
      return value === undefined ? key : `${key}=${value}`;
    });
    record(state, `ARG ${words.join(" ")}`);
  },
});
