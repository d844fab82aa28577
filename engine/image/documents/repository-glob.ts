/** Patterns of repositories' names, as policies and the registry's rules have them. Pure. */

/**
 * `*` is a part of one component, a component `**` any number of them, also none: "a/**" is all below a, and a itself.
 * @returns what a whole name is tested with
 */
export function repositoryGlob(glob: string): RegExp {
  const components = glob.split("/").filter((each, at, all) => each !== "**" || all[at - 1] !== "**");
  const parts = components.map((component, at) => {
    const isLast = at === components.length - 1;
    const slash = at === 0 || components[at - 1] === "**" ? "" : "/";
    if (component !== "**") return slash + component.split(/\*+/).map(escaped).join("[^/]*");
    if (!isLast) return `${slash}(?:[^/]+/)*`;
    return slash ? "(?:/.*)?" : ".*";
  });
  return new RegExp(`^${parts.join("")}$`);
}

const escaped = (text: string) => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
