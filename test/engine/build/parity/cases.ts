/** All cases. */
import type { ParityCase } from "./case.ts";
import { addCases } from "./cases-add.ts";
import { configCases } from "./cases-config.ts";
import { copyCases } from "./cases-copy.ts";
import { ignoreCases } from "./cases-ignore.ts";
import { newerCases } from "./cases-newer.ts";
import { runCases } from "./cases-run.ts";

export const cases: readonly ParityCase[] = [...copyCases, ...ignoreCases, ...addCases, ...configCases, ...runCases, ...newerCases];
