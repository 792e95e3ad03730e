/** What can be told not to hold the process. */
interface Held {
  unref?(): void;
}

interface Connection {
  readonly socket?: Held;
}

interface Pool {
  readonly connections?: Iterable<Connection>;
  readonly checkedOut?: Iterable<Connection>;
  readonly minPoolSizeTimer?: Held;
  ensureMinPoolSize?(): void;
}

interface Monitor {
  readonly connection?: Connection | null;
  readonly monitorId?: { readonly timerId?: Held };
  readonly rttPinger?: {
    readonly connection?: Connection;
    readonly monitorId?: Held;
  };
}

/** The driver's own state: it has no other way to its sockets and timers. */
interface Topology {
  readonly s?: {
    readonly servers?: ReadonlyMap<
      string,
      { readonly pool?: Pool; readonly monitor?: Monitor }
    >;
  };
}

/** As much of the driver's `MongoClient` as is needed for that. */
export interface ReleasableClient {
  on(event: string, listener: () => void): unknown;
}

/**
 * After each of these the driver has a new socket or a new timer. Taking a
 * connection out of the pool is none of them: that is every command.
 */
const EVENTS = [
  "connectionCreated",
  "connectionReady",
  "connectionClosed",
  "connectionPoolReady",
  "serverOpening",
  "serverHeartbeatStarted",
  "serverHeartbeatSucceeded",
  "serverHeartbeatFailed",
] as const;

/**
 * Keeps a client of the driver from holding the process: the driver looks at its
 * servers every few seconds for ever, with timers and sockets that it never
 * lets go of, so that neither a script nor a server would end.
 */
export function releaseAlways(client: ReleasableClient): void {
  let isPlanned = false;
  const plan = (): void => {
    if (isPlanned) return;
    isPlanned = true;
    // The event comes before the driver keeps what it made, so again a turn
    // later; this short timer holds the process, and then no more.
    setTimeout(() => {
      isPlanned = false;
      release(client);
    }, 1);
    release(client);
  };
  for (const event of EVENTS) client.on(event, plan);
}

function release(client: ReleasableClient): void {
  const { topology } = client as { topology?: Topology };
  for (const { pool, monitor } of topology?.s?.servers?.values() ?? []) {
    if (pool !== undefined) releasePool(pool);
    monitor?.connection?.socket?.unref?.();
    monitor?.monitorId?.timerId?.unref?.();
    monitor?.rttPinger?.connection?.socket?.unref?.();
    monitor?.rttPinger?.monitorId?.unref?.();
  }
}

const released = new WeakSet<Pool>();

function releasePool(pool: Pool): void {
  for (const each of pool.connections ?? []) each.socket?.unref?.();
  for (const each of pool.checkedOut ?? []) each.socket?.unref?.();
  pool.minPoolSizeTimer?.unref?.();
  // Ten times a second it starts a timer again, and tells nobody.
  const ensure = pool.ensureMinPoolSize;
  if (typeof ensure !== "function" || released.has(pool)) return;
  released.add(pool);
  pool.ensureMinPoolSize = () => {
    ensure.call(pool);
    pool.minPoolSizeTimer?.unref?.();
  };
}
