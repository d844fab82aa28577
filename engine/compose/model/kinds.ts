/** The kinds of values that elements of a project have, and shapes, which say by kind what an element is made of. Types only. */

export type Scalar = "string" | "boolean" | "integer" | "float" | "bytes" | "duration" | "mode" | "count" | "ulimit";
export type Collection = "texts" | "mapping" | "labels" | "options" | "lists" | "environment" | "hosts" | "ssh" | "test" | "envFiles";

export type Kind =
  | Scalar
  | Collection
  | { list: Kind }
  /** By names that are the user's. */
  | { map: Kind }
  /** `always`: docker compose prints it as JSON even when it is empty; `capitals`: there, its names have them. */
  | { object: () => Shape; always?: boolean; capitals?: boolean }
  /** A text that is taken apart, or words; [] means something else than nothing. */
  | { command: true }
  /** Kept even when it is what counts as nothing. */
  | { kept: Kind };

/** How an element is read, by its name; in docker compose's order. */
export type Shape = Readonly<Record<string, Kind>>;
