// The plain ways to answer with a file, by name.
const [way, path] = Deno.args as [string, string];
const headers = { "content-type": "application/octet-stream" };

const ways: Record<string, () => Response | Promise<Response>> = {
  stream: async () =>
    new Response((await Deno.open(path)).readable, { headers }),
  read: async () => new Response(await Deno.readFile(path), { headers }),
  sync: () => new Response(Deno.readFileSync(path), { headers }),
};
const answer = ways[way]!;

Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) },
  () => answer(),
);
