/** A worker that answers with its data and what it heard. */
import { workerParent } from "@oresty/core";

const parent = await workerParent();
parent!.listen((message) => {
  const { memory } = message as { memory: SharedArrayBuffer };
  parent!.post([parent!.data, message, new Int32Array(memory)[0]]);
});
