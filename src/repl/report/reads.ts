/** Commands that only look: a dry run runs them. By their names in the table; a test keeps to it. */
export const reads: ReadonlySet<string> = new Set([
  ...["container diff", "container inspect", "container logs", "container ls", "container port", "container top"],
  ...["image history", "image inspect", "image layers", "image ls", "image security", "inspect"],
  ...["network inspect", "network ls", "volume inspect", "volume ls", "builder du"],
  ...["compose config", "compose images", "compose logs", "compose ls", "compose port", "compose ps", "compose top", "compose version"],
  ...["doctor", "help", "system df", "system info", "version", "completion"],
]);
