/** The modules that the demo runs on. */
export const moduleNames: readonly string[] = [
  "core",
  "shm",
  "config",
  "router",
  "cache",
  "stat",
  "oresty",
];
