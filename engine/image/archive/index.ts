/** Images and trees as archives: import, load, save. */
export { externalCompression } from "./input.ts";
export { layerTar } from "./save.ts";
