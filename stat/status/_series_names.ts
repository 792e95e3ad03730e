/** Names of the series that the page shows. */
export const Names = {
  requests: "http_request_duration_seconds",
  inFlight: "http_requests_in_flight",
  queueDepth: "oresty_task_queue_depth",
  tasksRunning: "oresty_tasks_running",
  taskTime: "oresty_task_duration_seconds",
  tasks: "oresty_tasks_total",
  restarts: "oresty_worker_restarts_total",
  hits: "oresty_cache_hits_total",
  misses: "oresty_cache_misses_total",
  loadTime: "oresty_cache_load_duration_seconds",
  client: "oresty_client_request_duration_seconds",
  errors: "oresty_errors_total",
  cpu: "process_cpu_seconds_total",
  memory: "process_resident_memory_bytes",
  startTime: "process_start_time_seconds",
  openFiles: "process_open_fds",
  heap: "deno_heap_used_bytes",
  lag: "deno_eventloop_lag_seconds",
  overflow: "oresty_stat_overflow_total",
  build: "oresty_build_info",
} as const;

/** Whether a series is one that the page shows. */
export function isShown(name: string): boolean {
  return shown.has(name);
}

const shown: ReadonlySet<string> = new Set(Object.values(Names));
