export * from "./app/mod.ts";
