/** A container's files for the outside, as far as rooms above need them; the verbs are loaded by their files. */
export { type Change, type ChangedDirectory, mountPointsOf, openChanges } from "./changes.ts";
export { checkWritable, treeOf } from "./copy.ts";
