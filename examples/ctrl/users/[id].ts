import { HttpError, type Input } from "@oresty/oresty";
import { users } from "../_users.ts";

/** `GET /users/:id` */
export function get({ id }: Input): unknown {
  const name = users.get(String(id));
  if (name === undefined) throw new HttpError(404, `No user "${id}"`);
  return { id, name };
}

/** `PUT /users/:id` with a name in the query, a form or JSON. */
export function put({ id, name }: Input): unknown {
  if (typeof name !== "string" || name === "" || name.length > 40) {
    throw new HttpError(422, "A name has 1 to 40 characters");
  }
  // The demo is open to everybody: a bounded list.
  if (users.size >= 100) users.clear();
  users.set(String(id), name);
  return { id, name };
}

/** `DELETE /users/:id`: a function cannot be named delete. */
export function del({ id }: Input): null {
  users.delete(String(id));
  return null;
}
