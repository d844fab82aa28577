/** Menus over the screen: something to choose from, found by typing. */
import { typed } from "./input/keys.ts";
import { matches } from "./selection.ts";
import type { AppState, MenuItem, MenuState } from "./state.ts";
import type { Store } from "./store.ts";

/** The items that hold all words that were typed. */
export function shownItems({ items, typed: words }: Pick<MenuState, "items" | "typed">): readonly MenuItem[] {
  return words ? items.filter(({ label, text = "" }) => matches(`${label} ${text}`.toLowerCase(), words)) : items;
}

export class Menus {
  #store: Store<AppState>;

  constructor(store: Store<AppState>) {
    this.#store = store;
  }

  /** @param chosen the label that the cursor begins on; default the first */
  open(title: string, items: readonly MenuItem[], chosen?: string): void {
    const cursor = Math.max(
      0,
      items.findIndex(({ label }) => label === chosen),
    );
    this.#store.set({ menu: { title, items, typed: "", cursor } });
  }

  close(): void {
    this.#store.set({ menu: undefined });
  }

  /** Does what the item under the cursor stands for; the menu is gone by then. */
  choose(): void {
    const { menu } = this.#store.get();
    const item = menu && shownItems(menu)[menu.cursor];
    if (!item) return;
    this.close();
    item.choose();
  }

  move(rows: number): void {
    this.#change((menu) => ({ cursor: menu.cursor + rows }));
  }

  /** Typing finds items, by any part of them. */
  key(name: string): void {
    const character = typed(name);
    this.#change(({ typed: before }) => {
      if (name === "backspace") return { typed: before.slice(0, -1), cursor: 0 };
      return character === undefined ? {} : { typed: before + character, cursor: 0 };
    });
  }

  #change(change: (menu: MenuState) => Partial<MenuState>): void {
    const { menu } = this.#store.get();
    if (!menu) return;
    const next = { ...menu, ...change(menu) };
    const last = shownItems(next).length - 1;
    this.#store.set({ menu: { ...next, cursor: Math.max(0, Math.min(next.cursor, last)) } });
  }
}
