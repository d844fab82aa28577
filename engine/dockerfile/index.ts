/**
 * The Dockerfile language: text in, typed instructions out. Pure: no file is read here. Rooms above use
 * `parseDockerfile`, `expandInstruction` and the .dockerignore matcher; the command face uses the linter in lint/.
 */

export type * from "./types.ts";
