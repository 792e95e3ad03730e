import { assert, assertEquals, assertThrows } from "@std/assert";
import { checkOptions } from "@oresty/core";

const KNOWN = ["port", "hostname"];

Deno.test("checkOptions lets known options pass, and none at all", () => {
  checkOptions("listen", undefined, KNOWN);
  checkOptions("listen", {}, KNOWN);
  checkOptions("listen", { port: undefined }, KNOWN);
  checkOptions("listen", { port: 1, hostname: "x" }, KNOWN);
  checkOptions("listen", Object.create(null), KNOWN);
  checkOptions("listen", Object.create({ inherited: 1 }), KNOWN);
  checkOptions("listen", Object.freeze({ port: 1 }), KNOWN);
});

Deno.test("checkOptions names the nearest right option", () => {
  const { message } = assertThrows(
    () => checkOptions("listen", { prot: 80 }, KNOWN),
    TypeError,
  );
  assertEquals(
    message,
    'Cannot use option "prot" of listen: it is unknown, did you mean "port"?',
  );
});

Deno.test("checkOptions lists the options where none is near", () => {
  const { message } = assertThrows(
    () => checkOptions("listen", { banana: 1 }, KNOWN),
    TypeError,
  );
  assertEquals(
    message,
    'Cannot use option "banana" of listen: it is unknown, ' +
      "expected one of port, hostname",
  );
});

Deno.test("checkOptions refuses what is no object", () => {
  for (const options of [null, 0, "", "port", true, [], ["port"], 1n]) {
    assertThrows(
      () => checkOptions("listen", options, KNOWN),
      TypeError,
      "Cannot use the options of listen: ",
      String(options),
    );
  }
  assertThrows(() => checkOptions("listen", () => {}, KNOWN), TypeError);
});

Deno.test("checkOptions knows own names alone", () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    const options = JSON.parse(`{"${name}": 1}`);
    assertThrows(() => checkOptions("listen", options, KNOWN), TypeError);
  }
  assert(!("polluted" in {}));
});
