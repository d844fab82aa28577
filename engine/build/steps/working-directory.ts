/** Paths of instructions, made absolute by the working directory. Pure. */

/** The directory a WORKDIR leads to: relative ones start at the one before. */
export function joinWorkdir(current: string | undefined, path: string): string {
  const parts: string[] = [];
  for (const part of `${path.startsWith("/") ? "" : (current ?? "/")}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** Where COPY and ADD go: the destination made absolute, its closing slash kept, as it asks for a directory. */
export function joinDestination(current: string | undefined, destination: string): string {
  const absolute = joinWorkdir(current, destination);
  const directory = /(?:^|\/)\.{0,2}$/.test(destination);
  return directory && absolute !== "/" ? `${absolute}/` : absolute;
}
