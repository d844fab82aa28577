/** Where instructions put files, made absolute by the working directory. Pure. */
import { joinWorkdir } from "../../dockerfile/instructions/workdir.ts";

/** Where COPY and ADD go: the destination made absolute, its closing slash kept, as it asks for a directory. */
export function joinDestination(current: string | undefined, destination: string): string {
  const absolute = joinWorkdir(current, destination);
  const directory = /(?:^|\/)\.{0,2}$/.test(destination);
  return directory && absolute !== "/" ? `${absolute}/` : absolute;
}
