/** Removes the tree given, on whichever program runs this, and prints what is left of it. */
import { existsSync } from "node:fs";
import { removeTree } from "../../../engine/process/remove-tree.ts";

const path = process.argv[2]!;
await removeTree(path);
await removeTree(path); // what is not there is fine
process.stdout.write(existsSync(path) ? "left" : "gone");
