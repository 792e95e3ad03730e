/** What starts with "_" is no route: a place for what controllers share. */
export const users: Map<string, string> = new Map([
  ["1", "Ada"],
  ["2", "李雷"],
]);
