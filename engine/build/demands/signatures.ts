/**
 * `# berth:verify [KEY…]`: each image that a build is made from must be signed by one of these keys, or else as this host's policies ask.
 * What is verified is the digest of the very image that is used, by the signatures that are kept with it, or else by its registry's.
 */
import { resolve } from "node:path";
import type { BerthDirective } from "../../dockerfile/types.ts";
import { EngineError } from "../../errors.ts";
import { parseReference, repository } from "../../image/documents/index.ts";
import { familiarNames, type ResolvedImage, referencesOf } from "../../image/store/index.ts";
import type { Ground } from "../../state/ground.ts";
import { readInRoot } from "../../sys/in-root.ts";
import { readPublicKey } from "../../trust/keys.ts";
import { signedBy } from "../../trust/signed.ts";
import { type ContextSource, credentialsOf, type Making } from "../context/index.ts";
import type { BuildOptions } from "../index.ts";
import type { Progress } from "../report/index.ts";

interface VerifyParts {
  options: BuildOptions;
  context: ContextSource;
  progress: Progress;
  making: Making;
  signal: AbortSignal;
}

type Admit = (reference: string, image: ResolvedImage) => Promise<void>;

/**
 * Reads the keys, and gives what judges an image.
 * @throws EngineError `build-step` for a key that is none, and for images of layouts
 */
export async function signatureCheck(ground: Ground, directive: BerthDirective<string[]>, parts: VerifyParts): Promise<Admit> {
  const { options, progress, making, signal } = parts;
  refuseLayouts(directive, options);
  const keys = await Promise.all(directive.value.map((file) => keyIn(file, directive, parts)));
  return async (reference, image) => {
    const name = digestName(ground, reference, image) ?? reference;
    making.begin();
    await progress.step(`checking berth:verify ${name}`, async () => {
      const credentials = await credentialsOf(options, parseReference(name).domain);
      const access = { signal, ...(credentials !== undefined && { credentials }) };
      const { by, why } = await signedBy(ground, { name, image: image.id, access }, keys);
      if (by.length === 0) throw unsigned(reference, why, keys.length > 0);
    });
  };
}

const unsigned = (reference: string, why: string, byKeys: boolean) =>
  new EngineError("build-step", `image ${JSON.stringify(reference)} is not signed as berth:verify demands: ${why}`, {
    hint: byKeys
      ? `see what is there with 'berth verify --key FILE ${reference}'`
      : `see what the policies say with 'berth verify ${reference}', or name the keys that count: # berth:verify KEY`,
  });

/** The name by digest that the store has of an image, in the repository that was asked for, else in any. */
function digestName(ground: Ground, reference: string, { id }: ResolvedImage): string | undefined {
  const { digests } = familiarNames(referencesOf(ground, id));
  const wanted = /^(?:sha256:)?[0-9a-f]{64}$/.test(reference) ? undefined : repository(parseReference(reference));
  return digests.find((each) => repository(parseReference(each)) === wanted) ?? digests[0];
}

function refuseLayouts({ location }: BerthDirective, { buildContexts = {} }: BuildOptions): void {
  const found = Object.entries(buildContexts).find(([, value]) => value.startsWith("oci-layout://"));
  if (found)
    throw new EngineError("build-step", `berth:verify cannot be met with --build-context ${found[0]}: a layout has no signatures`, {
      location,
    });
}

async function keyIn(file: string, { location, directory }: BerthDirective, { context, progress }: VerifyParts) {
  const pem = directory
    ? readInRoot("/", resolve(directory, file), "this host")
    : await context.reported(progress, [file], async () => readInRoot(context.tree().root, file, "the build context"));
  try {
    if (pem === undefined)
      throw new EngineError("not-found", `there is no such file in the ${directory ? "profile's directory" : "build context"}`);
    return readPublicKey(pem, file);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError("build-step", `cannot use the key "${file}": ${error.message}`, { location, cause: error });
  }
}
