/**
 * Servers for tests, on free ports of 127.0.0.1 and with throw-away folders, and
 * the faults that can happen to them. One file in `services/` a kind.
 */
export * from "./services/available.ts";
export * from "./services/ports.ts";
export * from "./services/service.ts";
export * from "./services/tcp_proxy.ts";
export * from "./services/redis_server.ts";
export * from "./services/mongo_server.ts";
export * from "./services/certificate.ts";
export * from "./services/prometheus_server.ts";
