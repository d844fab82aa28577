/** Keys of the hosts list, and the one that shows the containers of all hosts in one list. */
import { toEngineError } from "../../engine/errors.ts";
import type { HostRow } from "../hosts/hosts.ts";
import type { Action } from "../keymap.ts";
import type { Tui } from "../tui.ts";
import { named } from "./named.ts";

const context = "list" as const;
const resources = ["hosts"] as const;

const selected = (tui: Tui) => tui.lists.targets() as HostRow[];
const one = (tui: Tui) =>
  selected(tui).length > 1
    ? "choose one host: <list.clear> clears the marks"
    : selected(tui).length === 0
      ? "there is no host here"
      : undefined;
/** This machine, and a host that only the command line named, have no context. */
const isContext = (tui: Tui) =>
  one(tui) ?? (tui.hosts.isContext(selected(tui)[0]!.name) ? undefined : `"${selected(tui)[0]!.name}" has no context`);

export const hostActions: readonly Action[] = [
  {
    id: "host.use",
    keys: ["enter", "u"],
    context,
    resources,
    label: "use",
    help: "let all lists and command lines be about this host",
    hint: 1,
    disabled: (tui) => one(tui) ?? (selected(tui)[0]!.isUsed ? "it is in use" : undefined),
    run: (tui) => void tui.hosts.use(selected(tui)[0]!.name).catch((error: unknown) => tui.notes.error(toEngineError(error))),
  },
  {
    id: "host.details",
    keys: ["e"],
    context,
    resources,
    label: "details",
    help: "show what it is, and what is wrong with it",
    hint: 3,
    disabled: one,
    run: (tui) => tui.details.open(),
  },
  {
    id: "host.create",
    keys: ["c"],
    context,
    resources,
    label: "create",
    help: "give a host a name: the command line is prefilled",
    hint: 4,
    typedInto: true,
    run: (tui) => tui.prompts.openPalette("context create  --docker host=ssh://", 15),
  },
  {
    id: "host.remove",
    keys: ["d", "delete"],
    context,
    resources,
    label: "remove",
    help: "forget its context, after a question; nothing on the host changes",
    hint: 5,
    needs: [],
    disabled: (tui) => isContext(tui) ?? (selected(tui)[0]!.isUsed ? "it is in use" : undefined),
    confirm: (tui) => ({
      question: `Forget the context ${named(selected(tui).map(({ name }) => name))}?`,
      detail: ["What runs on the host keeps running."],
    }),
    words: (tui) => ["context", "rm", ...selected(tui).map(({ name }) => name)],
  },
  {
    id: "host.merge",
    keys: ["M"],
    context,
    resources: ["containers", "hosts"],
    label: (tui) => (tui.state.isMerged ? "one host" : "all hosts"),
    help: "show the containers of all hosts in one list, or of the one in use",
    hint: 27,
    disabled: (tui) =>
      tui.state.isMerged || tui.state.lists.hosts.rows.length !== 1
        ? undefined
        : "there is one host: others are named in the list of hosts",
    run: (tui) => tui.mergeHosts(),
  },
];
