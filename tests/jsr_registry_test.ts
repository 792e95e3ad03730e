import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { dirname, join } from "node:path";
import { startRegistry } from "./jsr_registry.ts";
import { readTar } from "./jsr_registry/_tar.ts";
import { runDeno } from "./deno_child.ts";
import { needs } from "./permissions.ts";

const LIMITS = { entries: 10, bytes: 1000 };

/** Makes an entry; `change` is written into its header before the checksum. */
function entry(
  name: string,
  content: string,
  change: { type?: string; size?: string } = {},
): Uint8Array<ArrayBuffer> {
  const { type = "0", size = content.length.toString(8) } = change;
  const body = Math.ceil(content.length / 512) * 512;
  const bytes = new Uint8Array(512 + body);
  const encoder = new TextEncoder();
  const put = (text: string, at: number): void => {
    bytes.set(encoder.encode(text), at);
  };
  put(name, 0);
  put(size.padStart(11, "0"), 124);
  put(" ".repeat(8), 148);
  put(type, 156);
  put("ustar\0" + "00", 257);
  put(content, 512);
  const sum = bytes.subarray(0, 512).reduce((all, byte) => all + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}

const END = new Uint8Array(1024);

async function archive(
  ...parts: Uint8Array<ArrayBuffer>[]
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

Deno.test("tar: files, folders and long names are read", async () => {
  const long = `./${"deep/".repeat(30)}mod.ts`;
  const files = readTar(
    await archive(
      entry("./a.ts", "let a;"),
      entry("./sub/", "", { type: "5" }),
      entry("././@LongLink", `${long}\0`, { type: "L" }),
      entry("cut", "long"),
      entry("empty.txt", ""),
      END,
    ),
    LIMITS,
  );
  const decoder = new TextDecoder();
  assertEquals(files.map(({ path, bytes }) => [path, decoder.decode(bytes)]), [
    ["./a.ts", "let a;"],
    [long, "long"],
    ["empty.txt", ""],
  ]);
});

Deno.test("tar: damaged and oversized archives are refused", async () => {
  const good = entry("a", "b");
  const flipped = good.slice();
  flipped[0] = 99;
  const cases: [Uint8Array<ArrayBuffer>, typeof Error, string][] = [
    [new Uint8Array(), SyntaxError, "end mark"],
    [good, SyntaxError, "end mark"],
    [entry("a", "b".repeat(99)).slice(0, 600), SyntaxError, "ends inside"],
    [await archive(flipped, END), SyntaxError, "wrong checksum"],
    [await archive(good, good, END), SyntaxError, `"a" is in it twice`],
    [entry("a", "", { type: "2" }), SyntaxError, `of type "2"`],
    [entry("a", "", { size: "9" }), SyntaxError, "not an octal number"],
    [entry("a", "", { size: "7777" }), RangeError, "more than 1000 bytes"],
    [
      await archive(...Array.from({ length: 11 }, (_, i) => entry(`${i}`, ""))),
      RangeError,
      "more than 10 entries",
    ],
  ];
  for (const [bytes, type, message] of cases) {
    assertThrows(() => readTar(bytes, LIMITS), type, message);
  }
});

Deno.test({
  name: "registry: what does not belong to it is answered with JSR's codes",
  ignore: !needs("net"),
  async fn() {
    await using registry = await startRegistry({ token: "right" });
    const version = "api/scopes/toy/packages/one/versions/1.0.0";
    const post = (token: string, body: BodyInit): Promise<Response> =>
      fetch(`${registry.url}${version}?config=/deno.json`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body,
      });
    const code = async (
      response: Promise<Response>,
    ): Promise<[number, string | undefined]> => {
      const { status } = await response;
      const body = await (await response).json();
      return [status, body.error?.code ?? body.code];
    };
    const at = (path: string): Promise<Response> => fetch(registry.url + path);

    assertEquals(await code(at(version)), [404, "packageVersionNotFound"]);
    assertEquals(await code(at("@toy/one/meta.json")), [
      404,
      "packageNotFound",
    ]);
    assertEquals(await code(at("api/publish_status/1")), [
      404,
      "publishingTaskNotFound",
    ]);
    assertEquals(await code(post("wrong", "x")), [401, "invalidBearerToken"]);
    assertEquals(await code(post("right", "x")), [200, "invalidTarball"]);

    const packed = async (
      files: Record<string, string>,
    ): Promise<ArrayBuffer> => {
      const entries = Object.entries(files).map(([path, text]) =>
        entry(path, text)
      );
      const stream = new Blob([...entries, END]).stream()
        .pipeThrough(new CompressionStream("gzip"));
      return await new Response(stream).arrayBuffer();
    };
    const config = (more: Record<string, unknown>): string =>
      JSON.stringify({
        name: "@toy/one",
        license: "MIT",
        exports: "./mod.ts",
        ...more,
      });
    const refused: [Record<string, string>, string][] = [
      [{ "./mod.ts": "" }, "missingConfigFile"],
      [{ "./deno.json": "[]" }, "invalidConfigFile"],
      [
        { "./deno.json": config({ name: "@toy/two" }) },
        "configFileNameMismatch",
      ],
      [
        { "./deno.json": config({ version: "2.0.0" }) },
        "configFileVersionMismatch",
      ],
      [{ "./deno.json": config({ license: 1 }) }, "missingLicense"],
      [{ "./deno.json": config({ exports: {} }) }, "configFileExportsInvalid"],
      [{ "./deno.json": config({}) }, "graphError"],
      [{ "../deno.json": config({}) }, "invalidPath"],
      [{ "./a.ts": "", "./A.ts": "" }, "caseInsensitiveDuplicatePath"],
    ];
    for (const [files, expected] of refused) {
      const response = post("right", await packed(files));
      assertEquals(await code(response), [200, expected]);
    }
    assertEquals(registry.packages, []);

    const response = post(
      "right",
      await packed({
        "./deno.json": config({}),
        "./mod.ts": "export {};",
      }),
    );
    assertEquals(await code(response), [200, undefined]);
    assertEquals(await code(post("right", "x")), [
      409,
      "duplicateVersionPublish",
    ]);
    const file = await at("@toy/one/1.0.0/mod.ts");
    assertEquals(file.headers.get("content-type"), "application/typescript");
    assertEquals(await file.text(), "export {};");
  },
});

/** Writes files into a new folder that is removed afterwards. */
async function withFolder(
  files: Record<string, string>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "oresty_registry_" });
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const member = JSON.stringify({
  name: "@toy/one",
  version: "1.0.0",
  license: "MIT",
  exports: "./mod.ts",
});

Deno.test({
  name: "registry: deno publish leaves out what is ignored, deno run loads it",
  ignore: !needs("run", "net", "read", "write"),
  async fn() {
    const deep = `${"deep_folder/".repeat(12)}far.ts`;
    await withFolder({
      "deno.json": `{ "workspace": ["./one"], "lock": false }`,
      ".gitignore": "secret.txt\n",
      "one/deno.json": member,
      "one/secret.txt": "secret",
      "one/mod.ts": `export { far } from "./${deep}";`,
      [`one/${deep}`]: `export const far: string = "arrived";`,
      "use/main.ts": `import { far } from "jsr:@toy/one"; console.log(far);`,
    }, async (folder) => {
      await using registry = await startRegistry();
      const [published] = await registry.publishWorkspace(folder);
      assertEquals([...published?.files.keys() ?? []].sort(), [
        `/${deep}`,
        "/deno.json",
        "/mod.ts",
      ]);
      assertEquals(await registry.publishWorkspace(folder), []);
      const env = {
        JSR_URL: registry.url,
        DENO_DIR: join(folder, "cache"),
      };
      const cwd = join(folder, "use");
      const run = await runDeno(["run", "--no-config", "main.ts"], {
        cwd,
        env,
      });
      assertEquals([run.code, run.stdout], [0, "arrived\n"], run.stderr);
    });
  },
});

Deno.test({
  name: "registry: a publication that deno or the registry refuses fails",
  ignore: !needs("run", "net", "read", "write"),
  async fn() {
    await withFolder({
      "deno.json": `{ "workspace": ["./one"], "lock": false }`,
      "one/deno.json": member,
      "one/mod.ts": `export const slow = Math.random();`,
    }, async (folder) => {
      await using registry = await startRegistry();
      await assertRejects(
        () => registry.publishWorkspace(folder),
        Error,
        "slow",
      );
      await Deno.writeTextFile(join(folder, "one/mod.ts"), "export {};");
      const large = join(folder, "one/large.bin");
      await Deno.writeTextFile(large, "");
      await Deno.truncate(large, 21 * 1024 * 1024);
      await assertRejects(
        () => registry.publishWorkspace(folder),
        Error,
        "unpacks to more than 20971520 bytes",
      );
      assertEquals(registry.packages, []);
    });
  },
});

Deno.test({
  name: "registry: Deno refuses a changed file and a version of today",
  ignore: !needs("run", "net", "read", "write"),
  async fn() {
    await withFolder({
      "main.ts": `import "jsr:@toy/one";`,
    }, async (folder) => {
      const files = { "/deno.json": member, "/mod.ts": "export {};" };
      const run = async (age: number, damage: boolean): Promise<string> => {
        await using registry = await startRegistry({ age });
        const added = await registry.addPackage("@toy/one", "1.0.0", files);
        if (damage) {
          added.manifest["/mod.ts"] = { size: 1, checksum: "sha256-0" };
        }
        const env = {
          JSR_URL: registry.url,
          DENO_DIR: join(folder, `cache_${age}_${damage}`),
        };
        const { code, stderr } = await runDeno(
          ["run", "--no-config", "main.ts"],
          { cwd: folder, env },
        );
        assert(code !== 0, stderr);
        return stderr;
      };
      assertMatch(await run(172_800, true), /integrity|checksum/i);
      assertStringIncludes(await run(0, false), "minimum dependency");
    });
  },
});

Deno.test({
  name: "deno child: one that does not end is killed",
  ignore: !needs("run"),
  async fn() {
    const begin = performance.now();
    const late = () =>
      runDeno(["eval", "console.log('alive'); setInterval(() => {}, 1e6);"], {
        cwd: ".",
        timeout: 0.5,
      });
    await assertRejects(late, DOMException, "not done after 0.5 s");
    assert(performance.now() - begin < 10_000);
  },
});
