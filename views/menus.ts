/** Menus over the screen: something to choose from, found by typing. */
import { typed } from "./input/keys.ts";
import { matches } from "./selection.ts";
import type { AppState, MenuItem, MenuState } from "./state.ts";
import type { Store } from "./store.ts";

/** The items that hold all words that were typed, in their order. */
export function shownItems({ items, typed: words, order }: Pick<MenuState, "items" | "typed" | "order">): readonly MenuItem[] {
  const found = words ? items.filter(({ label, text = "" }) => matches(`${label} ${text}`.toLowerCase(), words)) : items;
  if (order === undefined) return found;
  const place = ({ orders }: MenuItem) => orders?.[order] ?? 0;
  return found.toSorted((a, b) => {
    const [x, y] = [place(a), place(b)];
    const sign = typeof x === "number" ? -1 : 1;
    return x === y ? 0 : sign * (x < y ? -1 : 1);
  });
}

export class Menus {
  #store: Store<AppState>;

  constructor(store: Store<AppState>) {
    this.#store = store;
  }

  /** @param look.chosen the label that the cursor begins on; default the first */
  open(title: string, items: readonly MenuItem[], look: Pick<MenuState, "header" | "order" | "hint"> & { chosen?: string } = {}): void {
    const { chosen, ...rest } = look;
    const at = items.findIndex(({ label }) => label === chosen);
    this.#store.set({ menu: { title, items, typed: "", cursor: Math.max(0, at), ...rest } });
  }

  /** The items of an open menu as they are now; the cursor stays on its own. @returns false when it is closed */
  update(title: string, items: readonly MenuItem[]): boolean {
    const { menu } = this.#store.get();
    if (menu?.title !== title) return false;
    const label = shownItems(menu)[menu.cursor]?.label;
    const at = shownItems({ ...menu, items }).findIndex((item) => item.label === label);
    this.#change(({ cursor }) => ({ items, cursor: at < 0 ? cursor : at }));
    return true;
  }

  /** Orders by the next of what the items can be ordered by, then as they came. */
  reorder(): void {
    this.#change(({ items, order }) => {
      const orders = Object.keys(items[0]?.orders ?? {});
      return { order: orders[order === undefined ? 0 : orders.indexOf(order) + 1], cursor: 0 };
    });
  }

  close(): void {
    this.#store.set({ menu: undefined });
  }

  /** Does what the item under the cursor stands for; the menu is gone by then. */
  choose(): void {
    const { menu } = this.#store.get();
    const item = menu && shownItems(menu)[menu.cursor];
    if (!item) return;
    if (!item.stays) this.close();
    item.choose();
  }

  /** Moves what the item under the cursor stands for among the others. */
  shift(by: 1 | -1): void {
    const { menu } = this.#store.get();
    if (menu) shownItems(menu)[menu.cursor]?.shift?.(by);
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
