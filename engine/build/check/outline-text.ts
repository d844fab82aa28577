/** How BuildKit's clients print outlines and targets (frontend/subrequests/outline, …/targets). Pure. */
import type { Outline, OutlineMount, TargetList } from "../index.ts";

export function outlineText({ name, description, args = [], secrets = [], ssh = [] }: Outline): string {
  const heading = [
    ...(name !== undefined || description !== undefined ? [["TARGET:", name ?? "(default)"]] : []),
    ...(description !== undefined ? [["DESCRIPTION:", description]] : []),
  ];
  const argRows = args.map((arg) => [arg.name, arg.value ?? "", arg.description ?? ""]);
  return [
    aligned(heading, 1),
    aligned(headed(["BUILD ARG", "VALUE", "DESCRIPTION"], argRows)),
    aligned(headed(["SECRET", "REQUIRED"], mountRows(secrets))),
    aligned(headed(["SSH", "REQUIRED"], mountRows(ssh))),
  ]
    .filter(Boolean)
    .map((part) => `${part}\n`)
    .join("");
}

export function targetsText({ targets }: TargetList): string {
  const rows = targets.map(({ name, default: isDefault, description = "" }) => [
    [name, isDefault && "(default)"].filter(Boolean).join(" "),
    description,
  ]);
  return aligned([["TARGET", "DESCRIPTION"], ...rows], 1);
}

const headed = (header: string[], rows: string[][]) => (rows.length > 0 ? [header, ...rows] : []);

const mountRows = (mounts: readonly OutlineMount[]) => mounts.map(({ name, required }) => [name, required ? "true" : ""]);

/** Columns as wide as their widest cell and the padding; the last one ends where it ends. */
function aligned(rows: readonly (readonly string[])[], padding = 3): string {
  const widths = rows[0]?.slice(0, -1).map((_, at) => Math.max(...rows.map((row) => [...row[at]!].length)) + padding) ?? [];
  const pad = (cell: string, at: number) => cell + " ".repeat(Math.max(0, (widths[at] ?? 0) - [...cell].length));
  return rows.map((row) => `${row.map(pad).join("")}\n`).join("");
}
