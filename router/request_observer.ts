/** Hears of the requests that a server hands to a router. */
export interface RequestObserver {
  /**
   * A request has come.
   *
   * @returns What `end` is told.
   */
  begin(): number;
  /**
   * A request was answered; its body may still flow.
   *
   * @param began What `begin` gave.
   * @param method As the client sent it.
   * @param route The pattern of its route; null where there was none.
   */
  end(
    began: number,
    method: string,
    route: string | null,
    status: number,
  ): void;

  /**
   * A request failed by an error that is the server's: with 500 or above. It is
   * answered too.
   *
   * @param error What was thrown.
   */
  failed?(error: unknown): void;
}
