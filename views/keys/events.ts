/** Keys of the list of events: hold it, go to what an event is about. */
import type { SystemEvent } from "../../engine/index.ts";
import type { Action } from "../keymap.ts";
import { type ResourceId, resource } from "../resources/index.ts";
import type { Tui } from "../tui.ts";

const context = "list" as const;
const resources = ["events"] as const;

const lists: Partial<Record<SystemEvent["Type"], ResourceId>> = {
  container: "containers",
  image: "images",
  volume: "volumes",
  network: "networks",
  builder: "builds",
};

/** Where the object of the event under the cursor is; undefined when it is gone. */
function placeOf(tui: Tui): { list: ResourceId; id: string } | undefined {
  const event = tui.lists.row as SystemEvent | undefined;
  const list = event && lists[event.Type];
  if (!list) return undefined;
  const view = resource(list);
  const row = tui.state.lists[list].rows.find((each) => view.identify(each) === event.Actor.ID || view.name(each) === event.Actor.ID);
  return row === undefined ? undefined : { list, id: view.identify(row) };
}

export const eventActions: readonly Action[] = [
  {
    id: "events.object",
    keys: ["f"],
    context,
    resources,
    label: "object",
    help: "go to the object that it happened to, in its list",
    hint: 1,
    disabled: (tui) => {
      if (tui.lists.row === undefined) return "nothing has happened yet";
      return placeOf(tui) ? undefined : "it is not there any more";
    },
    run: (tui) => {
      const { list, id } = placeOf(tui)!;
      tui.lists.open(list);
      tui.lists.goTo(id);
    },
  },
  {
    id: "events.copy",
    keys: ["y"],
    context,
    resources,
    label: "copy id",
    help: "copy the id of the object to the clipboard (OSC 52)",
    disabled: (tui) => (tui.lists.row === undefined ? "nothing has happened yet" : undefined),
    run: (tui) => tui.copy([...new Set((tui.lists.targets() as SystemEvent[]).map(({ Actor }) => Actor.ID))].join(" ")),
  },
  {
    id: "events.pause",
    keys: ["p"],
    context,
    resources,
    label: (tui) => (tui.state.isHeld ? "go on" : "pause"),
    help: "hold the list while more happens, or let go",
    hint: 2,
    run: (tui) => tui.lists.hold(),
  },
];
