/** Keys of the lists of registries, of the repositories of one, and of the tags of one of these. */
import { pullForm } from "../forms/objects.ts";
import type { Action } from "../keymap.ts";
import { copyForm } from "../registry/copy-form.ts";
import { type RegistryRow, type RepositoryRow, registryOf, type TagRow } from "../registry/rows.ts";
import type { Tui } from "../tui.ts";
import { named } from "./named.ts";

const context = "list" as const;
const all = ["registries", "repositories", "tags"] as const;
const below = ["repositories", "tags"] as const;

const rows = (tui: Tui) => tui.lists.targets() as (RegistryRow | RepositoryRow | TagRow)[];
const names = (tui: Tui) => rows(tui).map(({ name }) => name);
const anything = (tui: Tui) => (rows(tui).length === 0 ? `there is no ${tui.lists.resource.noun} here` : undefined);
const one = (tui: Tui) => (rows(tui).length > 1 ? `choose one ${tui.lists.resource.noun}: <list.clear> clears the marks` : anything(tui));

/** Opened is what is there now. */
function open(tui: Tui): void {
  tui.registries.forget(tui.lists.resource.identify(tui.lists.row));
  tui.lists.openParts(tui.state.resource === "registries" ? "repositories" : "tags");
}

function back(tui: Tui): void {
  const { marked, filter } = tui.lists.current;
  const { resource, opened = "" } = tui.state;
  if (marked.size > 0 || filter) tui.lists.clear();
  else if (resource === "repositories") tui.lists.open("registries");
  else tui.lists.goBackTo("repositories", registryOf(opened));
}

/** What an open list is of, or what is under the cursor. */
const placeOf = ({ lists, state }: Tui) =>
  state.resource === "registries"
    ? (lists.row as RegistryRow | undefined)?.name
    : state.resource === "tags"
      ? state.opened
      : registryOf(state.opened ?? "");

export const registryActions: readonly Action[] = [
  {
    id: "registry.enter",
    keys: ["enter"],
    context,
    resources: ["registries", "repositories"],
    label: "open",
    help: "show the repositories of a registry, the tags of a repository",
    hint: 1,
    disabled: one,
    run: open,
  },
  {
    id: "registry.back",
    keys: ["esc", "q", "backspace", "h"],
    context,
    resources: below,
    label: "back",
    help: "clear marks, then the filter, then back to where it was opened from",
    hint: 7,
    run: back,
  },
  {
    id: "registry.open",
    keys: ["n"],
    context,
    resources: all,
    label: "open other",
    help: "type the name of any registry or repository to open",
    hint: 3,
    run: (tui) => tui.prompts.openRegistry(tui.state.resource === "registries" ? "" : `${registryOf(tui.state.opened ?? "")}/`),
  },
  {
    id: "registry.pull",
    keys: ["u"],
    context,
    resources: ["tags"],
    label: "pull",
    help: "pull an image: a form",
    needs: pullForm.needs,
    hint: 2,
    disabled: one,
    run: (tui) => tui.forms.open(pullForm, { image: names(tui)[0]! }),
  },
  {
    id: "registry.copy",
    keys: ["c"],
    context,
    resources: below,
    label: "copy to",
    help: "copy a tag, or all of a repository, to another registry or repository: a form",
    hint: 4,
    disabled: one,
    run: (tui) => {
      const isWhole = tui.state.resource === "repositories";
      tui.forms.open(copyForm, { source: names(tui)[0]!, tags: isWhole ? "all of the repository" : "this one" });
    },
  },
  {
    id: "registry.remove",
    keys: ["d", "delete"],
    context,
    resources: ["tags"],
    label: "remove",
    help: "remove from the registry, after a question; other tags of the same manifest after another one",
    hint: 5,
    needs: [],
    disabled: anything,
    confirm: (tui) => ({
      question: `Remove ${named(names(tui))} from ${registryOf(tui.state.opened ?? "")}?`,
      detail: ["Nobody can pull it by this name any more."],
      grave: names(tui).length > 1,
    }),
    words: (tui) => ["registry", "rm", ...names(tui)],
    rescue: {
      code: "in-use",
      question: (words) => ({
        question: `Remove ${named(words.slice(words.indexOf("rm") + 1))} with all tags of the same manifest?`,
        detail: ["This registry removes no tag alone: other tags stand for the same manifest, and would go with it."],
        grave: true,
      }),
      words: (words) => ["registry", "rm", "-f", ...words.slice(words.indexOf("rm") + 1)],
    },
  },
  {
    id: "registry.refresh",
    keys: ["r"],
    context,
    resources: all,
    label: "refresh",
    help: "ask the registry again",
    hint: 6,
    run: (tui) => {
      const place = placeOf(tui);
      if (place !== undefined) tui.registries.forget(place);
      void tui.lists.load(tui.state.resource);
    },
  },
];
