/** What a FROM or --from means when named contexts were given. Pure. */
import { full, parseReference, withTag } from "../../image/documents/index.ts";

/** The context that a FROM or --from names: by its own name, or as the image that the name is a reference of. */
export function contextNamed(contexts: readonly string[], value: string): string | undefined {
  const wanted = value.toLowerCase();
  if (contexts.length === 0 || wanted === "scratch") return undefined; // a context cannot replace scratch
  return contexts.find((name) => name === wanted || (reference(name) !== undefined && reference(name) === reference(wanted)));
}

function reference(name: string): string | undefined {
  try {
    return full(withTag(parseReference(name)));
  } catch {
    return undefined; // a name of another kind
  }
}
