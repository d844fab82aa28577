/** The labels by which docker compose, and every tool beside it, knows what belongs to a project. Pure. */
import { join } from "node:path";
import type { Project } from "./project.ts";
import type { Service } from "./service.ts";

/** The release of docker compose whose labels, names and rules these are. */
export const composeVersion = "2.40.3";

const prefix = "com.docker.compose.";

export const label = {
  project: `${prefix}project`,
  service: `${prefix}service`,
  number: `${prefix}container-number`,
  oneOff: `${prefix}oneoff`,
  /** Of a container of `run`, in place of a number: 64 digits, the first 12 of which its name ends with. */
  slug: `${prefix}slug`,
  hash: `${prefix}config-hash`,
  image: `${prefix}image`,
  dependsOn: `${prefix}depends_on`,
  directory: `${prefix}project.working_dir`,
  files: `${prefix}project.config_files`,
  environmentFile: `${prefix}project.environment_file`,
  version: `${prefix}version`,
  /** Of a container that takes another's place: that one's id. */
  replaces: `${prefix}replace`,
  network: `${prefix}network`,
  volume: `${prefix}volume`,
} as const;

/** Of every container of a service, but for its number, hash and image. */
export function serviceLabels(project: Project, name: string, service: Service): Record<string, string> {
  return {
    [label.project]: project.model.name,
    [label.service]: name,
    [label.version]: composeVersion,
    [label.directory]: project.directory,
    [label.files]: project.files.map((file) => (file === "-" ? join(project.directory, "-") : file)).join(","),
    [label.dependsOn]: dependencies(project, service),
  };
}

/**
 * "db:service_healthy:false,cache:service_started:true", as docker compose writes and `down` without files reads it. What need not be
 * there and is not (of a profile that is off) is none.
 */
function dependencies({ model }: Project, { depends_on = {} }: Service): string {
  return Object.entries(depends_on)
    .filter(([name, { required = true }]) => required || model.services[name])
    .map(([name, { condition, restart = false }]) => `${name}:${condition}:${restart}`)
    .join(",");
}

/** Of a network or volume of the project. */
export function objectLabels(project: string, kind: "network" | "volume", key: string): Record<string, string> {
  return { [label.project]: project, [label[kind]]: key, [label.version]: composeVersion };
}

/** What names are made from. */
export type Named = Pick<Project, "model" | "separator">;

/** "PROJECT-SERVICE-N"; `--compatibility` has "_" between them, as docker-compose 1 had. */
export function namedAfter({ model, separator }: Named, ...parts: (string | number)[]): string {
  return [model.name, ...parts].join(separator ?? "-");
}

export function containerName(project: Named, service: string, number: number, { container_name }: Service): string {
  return container_name ?? namedAfter(project, service, number);
}

/** What a service's image is called when its file does not say. */
export function imageName(project: Named, service: string, { image }: Service): string {
  return image ?? namedAfter(project, service);
}
