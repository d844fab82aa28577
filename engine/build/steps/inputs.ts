/** The files that a step takes from the build context, a stage or an image: their digest for the key, and a way to read them. */
import type { InstructionBase } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import { digestOf, findDigest, storeDigest } from "../cache/index.ts";
import { type ContextSource, digestSources, FileTree, type SelectOptions, selectSources } from "../context/index.ts";
import { type FromRef, resolveFrom } from "../plan/index.ts";
import type { BuildScope, StageScope } from "./scope.ts";

/** Where sources come from: open for as long as they are read. */
export interface Origin extends AsyncDisposable {
  tree: FileTree;
}

/** What the sources' content is, and a way to read it again. */
export interface Inputs {
  digest: string;
  /** Undefined when there are no sources. */
  open(): Promise<Origin | undefined>;
}

/**
 * @param sources paths, possibly with wildcards
 * @param from `--from`; undefined is the build context
 * @throws EngineError `dockerfile` for a source that is not there
 */
export async function readInputs(
  scope: StageScope,
  sources: readonly string[],
  from: string | undefined,
  at: InstructionBase,
  select: SelectOptions = {},
): Promise<Inputs> {
  if (sources.length === 0) return { digest: "", open: async () => undefined };
  const ref = from === undefined ? undefined : resolveFrom(scope.plan, from, at, [...scope.contexts.names], scope.stageIndex);
  if (ref === undefined) return inputsOf(scope, sources, scope.context, select);
  const named = ref.kind === "context" ? await scope.contexts.get(ref.name) : undefined;
  if (named?.kind === "directory") return inputsOf(scope, sources, named.source, select);
  return inputsFrom(scope, sources, await chainOf(scope, ref), { from: from ?? "", select });
}

/** Files of a directory on the host. */
async function inputsOf(scope: BuildScope, sources: readonly string[], context: ContextSource, select: SelectOptions): Promise<Inputs> {
  const digest = await context.reported(scope.progress, sources, async () => {
    const tree = context.tree();
    return digestSources(
      sources.flatMap((path) => selectSources(tree, path, select)),
      scope.signal,
    );
  });
  return { digest, open: async () => ({ tree: context.tree(), [Symbol.asyncDispose]: async () => {} }) };
}

/** Files of a stage or image: immutable, so their digest is remembered beside the layers. */
async function inputsFrom(
  scope: BuildScope,
  sources: readonly string[],
  chainId: string,
  { from, select }: { from: string; select: SelectOptions },
): Promise<Inputs> {
  const open = async (): Promise<Origin> => {
    scope.making.begin();
    const { openView } = await import("../workspace/workspace.ts");
    const view = await openView(scope.ground, chainId);
    return { tree: new FileTree(view.root), [Symbol.asyncDispose]: () => view[Symbol.asyncDispose]() };
  };
  const { parents = false, exclude = [] } = select;
  const key = digestOf(["files", 2, chainId, sources, ...(parents || exclude.length > 0 ? [parents, exclude] : [])]);
  const known = findDigest(scope.ground, key);
  if (known !== undefined) return { digest: known, open };
  await using origin = await open();
  const digest = await digestSources(
    sources.flatMap((path) => selectSources(origin.tree, path, select)),
    scope.signal,
  );
  storeDigest(scope.ground, key, digest, `files of ${from}: ${sources.join(" ")}`);
  return { digest, open };
}

async function chainOf(scope: BuildScope, ref: FromRef): Promise<string> {
  if (ref.kind === "stage") return (await scope.stage(ref.index)).chainId;
  if (ref.kind === "context") {
    const context = await scope.contexts.get(ref.name);
    if (context.kind === "scratch") return "";
    if (context.kind === "layout") return (await context.image(scope.options.platform)).chainId;
    if (context.kind === "image") return (await scope.images.get(context.reference)).chainId;
    throw new EngineError("internal", `the named context "${ref.name}" has no layers`);
  }
  return ref.reference === "scratch" ? "" : (await scope.images.get(ref.reference)).chainId;
}
