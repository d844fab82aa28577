/** The one door to Ink's keyboard: every key and paste of the program comes through here, as names. */
import { useInput, usePaste } from "ink";
import { keyNames } from "./keys.ts";

/** @param onKeys gets the keys of one read together */
export function useKeys(onKeys: (names: readonly string[]) => void, onPaste: (text: string) => void): void {
  useInput((input, key) => onKeys(keyNames(input, key)));
  usePaste(onPaste);
}
