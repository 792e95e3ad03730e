import type { OpenLine } from "./_subscriptions.ts";

/** What a command takes. */
export type RedisArgument = string | number | Uint8Array;

/** A way to a server, whatever the client is called. */
export interface RedisLink {
  /** Whether keys of one command must be of one node. */
  readonly isCluster: boolean;
  /** Whether values come and go as text, since the client gives no bytes. */
  readonly isText: boolean;

  /** Loads what must be loaded; the time of it is no server's fault. */
  prepare(): Promise<void>;
  /** Sends a command; what comes back is bytes, text, numbers and arrays. */
  call(command: string, args: readonly RedisArgument[]): Promise<unknown>;
  /**
   * Told when a command that was sent at `since` (`performance.now()`) was not
   * answered in time.
   */
  suspect(since: number): void;
  /** Opens a connection that listens; undefined where that cannot be done. */
  readonly openLine: OpenLine | undefined;
  /** Lets go of connections that are not somebody else's. */
  close(): void;
}

/** One connection, or one of every node, that is thrown away when it breaks. */
export interface Session {
  call(command: string, args: readonly RedisArgument[]): Promise<unknown>;
  isOpen(): boolean;
  /** Whether after this error the connection is of no more use. */
  isBroken(error: unknown): boolean;
  close(): void;
}

/** How a session is made. */
export interface Dialer<S extends Session = Session> {
  readonly isCluster: boolean;
  readonly isText: boolean;
  prepare(): Promise<void>;
  /** Makes a session that is ready; gives up when the signal is aborted. */
  dial(signal: AbortSignal): Promise<S>;
  /** Opens a connection that listens, with a session where one is needed. */
  openLine?(
    session: () => Promise<S>,
  ): OpenLine;
}
