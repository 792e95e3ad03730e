import { assertEquals, assertThrows } from "@std/assert";
import { parseText, valueOf } from "./parse_text.ts";

const GOOD = `# HELP a Help.
# TYPE a histogram
a_bucket{x="1",le="0.5"} 1
a_bucket{x="1",le="+Inf"} 2
a_sum{x="1"} 3
a_count{x="1"} 2
# HELP b Help.
# TYPE b untyped
b{y="q\\"\\\\\\n"} -1e+21
`;

Deno.test("the tests' parser reads what is right", () => {
  const families = parseText(GOOD);
  assertEquals(families.map(({ name, type }) => [name, type]), [
    ["a", "histogram"],
    ["b", "untyped"],
  ]);
  assertEquals(valueOf(families, "b", { y: 'q"\\\n' }), -1e21);
  assertEquals(valueOf(families, "c"), NaN);
});

Deno.test("the tests' parser refuses what is wrong", () => {
  const head = "# HELP b Help.\n# TYPE b untyped\n";
  for (
    const bad of [
      GOOD.slice(0, -1),
      GOOD + GOOD,
      GOOD + "a_sum 1\n",
      GOOD.replace('a_count{x="1"} 2', 'a_count{x="1"} 3'),
      GOOD.replace('le="0.5"} 1', 'le="0.5"} 3'),
      GOOD.replace('a_bucket{x="1",le="+Inf"} 2\n', ""),
      `${head}b 1\nb 2\n`,
      `${head}b{x="\\t"} 1\n`,
      `${head}b{x=""y"} 1\n`,
      `${head}b{x="1",x="2"} 1\n`,
      `${head}b 1\r\n`,
      `${head}b\n`,
      `${head}b one\n`,
      head,
      "b 1\n",
      "# TYPE b untyped\nb 1\n",
      `# HELP b Help.\n# TYPE b counter\nb -1\n`,
    ]
  ) assertThrows(() => parseText(bad), Error, undefined, bad);
  assertThrows(() => parseText("", true), Error, "EOF");
});
