/** Before a project that came from a registry runs: where its files are kept, and which variables it takes from here. */
import type { Project } from "../../../engine/compose/index.ts";
import { EngineError } from "../../../engine/errors.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { alignRows } from "../../format/table.ts";
import type { Context, Input } from "../command.ts";
import { groupInput, isSet, listOf } from "../flag-values.ts";
import { loadOptions } from "./loading.ts";

/** @throws EngineError `cancelled` when the user does not want it */
export async function* confirmFetched(context: Context, input: Input, project: Project): AsyncGenerator<ProgressEvent, void> {
  const [main = ""] = project.files;
  if (!project.fetched?.includes(main)) return;
  const [address] = listOf(groupInput(input), "file");
  yield { type: "message", text: `The project "${address}" is stored in "${main.slice(0, main.lastIndexOf("/"))}"` };
  if (isSet(input, "yes") || isSet(input, "y")) return;
  const rows = await variablesOf(context, input, project);
  if (rows.length === 0) return;
  yield { type: "message", text: alignRows([["VARIABLE", "VALUE", "SOURCE", "REQUIRED", "DEFAULT"], ...rows]).trimEnd() };
  if (!(await context.io.confirm("Run the project with these variables?")))
    throw new EngineError("cancelled", "the project was not started", { hint: "set the variables, or say --yes", exit: 1 });
}

async function variablesOf(context: Context, input: Input, { environment }: Project): Promise<string[][]> {
  const { loadDocument, variablesOf: used } = await import("../../../engine/compose/index.ts");
  const { root } = await loadDocument({ ...(await loadOptions(context, input)), withoutInterpolation: true });
  return Object.values(used(root)).map(({ Name, DefaultValue, Required }) => {
    const value = environment[Name];
    const [shown, source] =
      value !== undefined ? [value, "environment"] : DefaultValue ? [DefaultValue, "compose file"] : ["<unset>", "none"];
    return [Name, shown, source, Required ? "yes" : "no", DefaultValue];
  });
}
