/** The aspects of a project that `compose config` prints by themselves, one name a line: a flag each. */
import type { LoadOptions, Project } from "../../../engine/compose/index.ts";
import type { ProgressEvent } from "../../../engine/index.ts";
import { neutralise } from "../../format/neutral.ts";
import type { Context, Input } from "../command.ts";
import { isSet, textOf } from "../flag-values.ts";
import { loadFor, loadOptions, warningsOf } from "./loading.ts";

interface Aspect {
  flag: string;
  /** @param options what `config` itself is told of how to load */
  print(context: Context, input: Input, options: Partial<LoadOptions>): AsyncGenerator<ProgressEvent, string>;
}

/** Lines of a project, whose `env_file`s are not read for it. */
const lines = (
  flag: string,
  of: (project: Project, input: Input) => string[] | Promise<string[]>,
  { selects = false, ...own }: Partial<LoadOptions> & { selects?: boolean } = {},
): Aspect => ({
  flag,
  async *print(context, input, options) {
    const more = { ...options, ...own, withoutEnvironmentFiles: true, ...(selects ? { services: input.args } : {}) };
    return asLines(await of(yield* loadFor(context, input, more), input));
  },
});

function asLines(all: readonly string[]): string {
  return all.map((line) => `${neutralise(line)}\n`).join("");
}

/** In docker compose's order of precedence. */
export const aspects: readonly Aspect[] = [
  {
    flag: "services",
    async *print(context, input, options) {
      if (!isSet(input, "no-interpolate"))
        return asLines(inOrder(yield* loadFor(context, input, { ...options, withoutEnvironmentFiles: true })));
      const { root } = yield* document(context, input, options);
      return asLines(Object.keys(root["services"] ?? {}).sort());
    },
  },
  lines("volumes", ({ model }) => Object.keys(model.volumes ?? {}).sort()),
  lines("networks", ({ model }) => Object.keys(model.networks ?? {}).sort()),
  lines("models", ({ model }) => Object.values(model.models ?? {}).flatMap((each) => each.model || [])),
  lines("hash", hashes, { withoutDefaultPlatform: false }),
  lines("profiles", profiles, { selects: true }),
  lines("images", images, { selects: true }),
  { flag: "variables", print: variables },
  {
    flag: "environment",
    async *print(context, input, options) {
      const { environment } = yield* loadFor(context, input, { ...options, services: input.args });
      const all = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
      return asLines(all.sort());
    },
  },
];

/** Services behind those that they depend on. */
function inOrder({ model: { services } }: Project): string[] {
  const order = new Set<string>();
  const add = (name: string) => {
    if (order.has(name) || !services[name]) return;
    for (const other of Object.keys(services[name].depends_on ?? {})) add(other);
    order.add(name);
  };
  for (const name of Object.keys(services)) add(name);
  return [...order];
}

async function hashes(project: Project, input: Input): Promise<string[]> {
  const { noSuchService, serviceHash } = await import("../../../engine/compose/index.ts");
  const { services } = project.model;
  const wanted = textOf(input, "hash");
  const names = wanted === "*" ? Object.keys(services) : (wanted ?? "").split(",").sort();
  return names.map((name) => {
    const service = services[name];
    if (!service) throw noSuchService(name, project);
    return `${name} ${serviceHash(service)}`;
  });
}

function profiles({ disabled, model }: Project): string[] {
  const all = [...Object.values(model.services), ...Object.values(disabled)].flatMap((service) => service.profiles ?? []);
  return [...new Set(all)].sort();
}

async function images(project: Project): Promise<string[]> {
  const { imageName } = await import("../../../engine/compose/index.ts");
  return Object.entries(project.model.services).map(([name, service]) => imageName(project, name, service));
}

async function* document(context: Context, input: Input, options: Partial<LoadOptions>) {
  const { loadDocument } = await import("../../../engine/compose/index.ts");
  const loaded = await loadDocument({ ...(await loadOptions(context, input)), ...options, withoutInterpolation: true });
  yield* warningsOf(loaded);
  return loaded;
}

/** docker compose's tables: columns of 20 and more, three blanks between them. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(20, ...rows.map((row) => row[column]!.length + 3)));
  return asLines(rows.map((row) => row.map((cell, column) => (column < row.length - 1 ? cell.padEnd(widths[column]!) : cell)).join("")));
}

async function* variables(context: Context, input: Input, options: Partial<LoadOptions>): AsyncGenerator<ProgressEvent, string> {
  const { printVariables, variablesOf } = await import("../../../engine/compose/index.ts");
  const used = variablesOf((yield* document(context, input, options)).root);
  const format = textOf(input, "format");
  if (format === "json") return `${JSON.stringify(used, undefined, 4)}\n`;
  if (format !== "yaml")
    return tableOf([
      ["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"],
      ...Object.values(used).map((each) => [each.Name, String(each.Required), each.DefaultValue, each.PresenceValue]),
    ]);
  return printVariables(used);
}
