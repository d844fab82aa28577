/** What the list of projects and the overview of one say: of health, of an error, of a volume that up asks about. */
import { expect, test } from "vitest";
import { EngineError } from "../../../engine/errors.ts";
import type { Engine } from "../../../engine/index.ts";
import { placeColumns } from "../../../views/columns.ts";
import { changeRows } from "../../../views/projects/changes.ts";
import { plainRows } from "../../../views/projects/pages.ts";
import type { ProjectRow } from "../../../views/projects/project.ts";
import { projects } from "../../../views/resources/projects.ts";

test("health is never cut for a long path", () => {
  const widths = placeColumns(projects.columns, [4, 12, "1 unhealthy".length, 0, 60], 72);
  expect(widths.find(({ index }) => projects.columns[index]!.header === "HEALTH")?.width).toBe(11);
});

test("an error says what was probably meant", async () => {
  const problem = new EngineError("invalid", 'unknown element "imag"', {
    suggestion: "image",
    hint: "see the specification",
    location: { file: "/shop/compose.yaml", line: 2, column: 5, source: "services:\n  a: { imag: x }\n" },
  });
  const health = { starting: 0, healthy: 0, unhealthy: 0 };
  const row = { name: "shop", directory: "/shop", files: [], containers: [], services: [], up: 0, health, reading: { problem } };
  const sections = await projects.detail({} as Engine, row as unknown as ProjectRow, 80);
  expect(sections.find(({ title }) => title === "What is wrong")).toMatchObject({
    lines: [
      'unknown element "imag"',
      "1 | services:",
      expect.stringContaining("imag: x"),
      expect.stringContaining("^"),
      'did you mean "image"?',
      "hint: see the specification",
    ],
  });
});

test("a volume that up asks about is told with the reason", () => {
  const volumes = [{ name: "shop_data", step: "diverged" as const }];
  const rows = plainRows(changeRows({ services: [], networks: [], volumes, orphans: [], problems: [] }, "shop"));
  expect(rows).toEqual(["~ volume shop_data  ask  its configuration changed: made anew, it would be empty"]);
});
