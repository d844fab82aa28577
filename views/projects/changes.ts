/** What `up` would change, as rows: what is made, made anew (and why), taken away, started; then what stays. Pure. */
import type { ForeseenService, Foresight, Seen } from "../../engine/compose/index.ts";
import { neutraliseLine } from "../../src/format/neutral.ts";
import type { Span } from "../resources/resource.ts";
import type { Tone } from "../theme.ts";
import { shortName } from "./states.ts";

interface Change {
  sign: string;
  tone: Tone;
  what: string;
  does: string;
  why: readonly string[];
}

const nothing = "nothing: all is as the files say";

/** @param project its name: containers are called without it */
export function changeRows(foresight: Foresight, project: string): Span[][] {
  const changes = changesOf(foresight, project);
  const problems = foresight.problems.map((text): Span[] => [{ text: `✗ up would fail: ${neutraliseLine(text)}`, tone: "bad" }]);
  if (changes.length === 0) return [...problems, [{ text: nothing, tone: "good" }], ...staying(foresight, project)];
  const width = Math.max(...changes.map(({ what }) => what.length));
  const rows = changes.flatMap(({ sign, tone, what, does, why }) => [
    row(`${sign} `, tone, what.padEnd(width), does, why[0]),
    ...why.slice(1).map((text) => row("  ", tone, " ".repeat(width), " ".repeat(does.length), text)),
  ]);
  return [...problems, ...rows, ...staying(foresight, project)];
}

function row(sign: string, tone: Tone, what: string, does: string, why = ""): Span[] {
  return [
    { text: `${sign}${neutraliseLine(what)}  ${does}`, tone },
    { text: why ? `  ${neutraliseLine(why)}` : "", tone: "plain" },
  ];
}

function changesOf({ networks, orphans, services, volumes }: Foresight, project: string): Change[] {
  return [
    ...networks.map(({ name, step }) => change(step === "create" ? "+" : "~", `network ${name}`, step)),
    ...volumes.map(({ name, step }) =>
      step === "create"
        ? change("+", `volume ${name}`, step)
        : change("~", `volume ${name}`, "ask", ["its configuration changed: made anew, it would be empty"]),
    ),
    ...services.flatMap((service) => ofService(service, project)),
    ...(orphans.length > 0
      ? [change("?", names(orphans, project), "of no service any more: up leaves it, --remove-orphans does not")]
      : []),
  ];
}

const tones: Record<string, Tone> = { "+": "good", "~": "busy", "-": "bad", "▸": "info", "↓": "info", "?": "dim" };

function change(sign: string, what: string, does: string, why: readonly string[] = []): Change {
  return { sign, tone: tones[sign]!, what, does, why };
}

function ofService({ name, image, plan, start, why }: ForeseenService, project: string): Change[] {
  const { create, recreate, remove } = plan;
  const reasons = why.length > 0 ? why : ["other settings of the service"];
  return [
    ...(image.step === "pull" || image.step === "build" ? [change("↓", `image ${image.reference}`, image.step)] : []),
    ...(recreate.length > 0 ? [change("~", names(recreate, project), "recreate", reasons)] : []),
    ...(create.length > 0 ? [change("+", create.map((number) => `${name}-${number}`).join(", "), "create")] : []),
    ...(remove.length > 0 ? [change("-", names(remove, project), "remove")] : []),
    ...(start.length > 0 ? [change("▸", names(start, project), "start")] : []),
  ];
}

function staying({ services }: Foresight, project: string): Span[][] {
  const kept = services.flatMap(({ plan, start }) => plan.keep.filter((seen) => !start.includes(seen)));
  if (kept.length === 0) return [];
  return [[{ text: `= ${neutraliseLine(names(kept, project))}  as it is`, tone: "dim" }]];
}

function names(containers: readonly Pick<Seen, "name">[], project: string): string {
  return containers.map(({ name }) => shortName(name, project)).join(", ");
}

/** Containers whose own files are lost: what is asked about before. */
export function lossesOf(services: readonly ForeseenService[], project: string): { recreated: string[]; removed: string[]; why: string[] } {
  const short = ({ name }: Seen) => shortName(name, project);
  return {
    recreated: services.flatMap(({ plan }) => plan.recreate.map(short)),
    removed: services.flatMap(({ plan }) => plan.remove.map(short)),
    why: services.filter(({ plan }) => plan.recreate.length > 0).flatMap(({ name, why }) => why.map((text) => `${name}: ${text}`)),
  };
}
