import { Registry } from "./_registry.ts";

let registry: Registry | undefined;

/** The registry of this isolate. */
export function isolateRegistry(): Registry {
  return registry ??= new Registry();
}
