/** The events tab: what happened and happens to the objects of the host, the newest first. */
import type { Engine, SystemEvent } from "../../engine/index.ts";
import type { Tone } from "../theme.ts";
import { type DetailSection, inspectTab, type ResourceView, shortId } from "./resource.ts";

/** Rows kept. */
const most = 5000;

/** Hosts of Docker's API number nothing. */
const identify = ({ Type, Action, Actor: { ID, Attributes }, timeNano }: SystemEvent) =>
  [timeNano, Type, Action, ID, Attributes["execID"]].join(" ");

/** What a person calls the object: its name, of an image its tag. */
function actorName({ Actor: { ID, Attributes } }: SystemEvent): string {
  return Attributes["name"] ?? Attributes["container"] ?? shortId(ID);
}

/** "die", of "exec_create: sh -c …" the word before it. */
const verbOf = ({ Action }: SystemEvent) => Action.replace(/:.*$/s, "");

const bad = /^(die|kill|oom|destroy|delete|untag|health_status: unhealthy)/;
const good = /^(start|create|unpause|health_status: healthy)/;

function toneOf({ Action, Actor: { Attributes } }: SystemEvent): Tone {
  if (Action === "die" && Attributes["exitCode"] === "0") return "dim";
  if (bad.test(Action)) return "bad";
  return good.test(Action) ? "good" : "plain";
}

/** "10:05:31", with the day when that is not today. */
function timeText({ timeNano }: SystemEvent, now: number): string {
  const time = new Date(timeNano / 1e6);
  const two = (number: number) => String(number).padStart(2, "0");
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return time.toDateString() === new Date(now).toDateString() ? clock : `${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

/** What the columns before do not say; labels are in the details. */
const told = new Set(["name", "image", "exitCode", "signal", "container", "type", "driver", "execID"]);

function attributesText({ Action, Actor: { Attributes } }: SystemEvent): string {
  const words = Action.includes(":") ? [Action.slice(Action.indexOf(":") + 1).trim()] : [];
  const pairs = Object.entries(Attributes).filter(([key]) => told.has(key) && key !== "name");
  return [...words, ...pairs.map(([key, value]) => `${key}=${key === "container" || key === "execID" ? shortId(value) : value}`)].join(" ");
}

const allText = ({ Actor: { Attributes } }: SystemEvent) =>
  Object.entries(Attributes)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");

/** What has happened since the newest row: the rest was read before. */
async function load(engine: Engine, before: readonly SystemEvent[]): Promise<readonly SystemEvent[]> {
  const since = before[0]?.time ?? 0;
  const known = new Set(before.filter(({ time }) => time === since).map(identify));
  const fresh: SystemEvent[] = [];
  for await (const event of engine.events({ since, until: Date.now() / 1000 })) if (!known.has(identify(event))) fresh.push(event);
  return fresh.length > 0 ? [...fresh.toReversed(), ...before].slice(0, most) : before;
}

export const events: ResourceView<SystemEvent> = {
  id: "events",
  title: "Events",
  key: "9",
  noun: "event",
  events: [],
  whileInFront: true,
  newestFirst: true,
  columns: [
    { header: "TIME", min: 8, content: 8, value: timeText, tone: () => "dim", sort: (row) => -row.timeNano },
    { header: "TYPE", min: 9, drop: 3, value: (row) => row.Type, tone: () => "accent", sort: (row) => row.Type },
    { header: "ACTION", min: 12, content: 12, value: verbOf, tone: toneOf, sort: verbOf },
    { header: "NAME", min: 12, grow: 3, value: actorName, sort: actorName },
    { header: "ATTRIBUTES", min: 16, grow: 4, drop: 4, value: attributesText, tone: () => "dim" },
    { header: "ID", hidden: true, min: 12, value: ({ Actor }) => shortId(Actor.ID), tone: () => "dim" },
  ],
  load: (engine, { before }) => load(engine, before as readonly SystemEvent[]),
  identify,
  name: actorName,
  haystack: (row) => `${row.Type} ${row.Action} ${actorName(row)} ${row.Actor.ID} ${allText(row)}`.toLowerCase(),
  fields: {
    type: (row) => row.Type,
    action: verbOf,
    name: actorName,
    attribute: allText,
  },
  detail: async (_engine, row) => sections(row),
  tabs: [inspectTab(async (_engine, row) => row)],
  empty: ["Nothing has happened yet.", "What is done to containers, images, volumes and networks shows here, whoever does it."],
};

function sections(event: SystemEvent): DetailSection[] {
  const { Type, Action, Actor, timeNano } = event;
  const facts: [string, string][] = [
    ["Time", new Date(timeNano / 1e6).toISOString()],
    ["Type", Type],
    ["Action", Action],
    ["Name", actorName(event)],
    ["Id", Actor.ID],
  ];
  const attributes = Object.entries(Actor.Attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    { kind: "pairs", title: "", rows: facts },
    { kind: "table", title: "Attributes", rows: attributes.map(([attribute, value]) => ({ attribute, value })), wraps: true },
  ];
}
