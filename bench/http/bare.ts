// What the runtime can do: the URL is read, the same JSON is built.
Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) },
  (request) => {
    const { url } = request;
    const start = url.indexOf("/users/", 8) + 7;
    const query = url.indexOf("?", start);
    const id = query < 0 ? url.slice(start) : url.slice(start, query);
    return new Response(JSON.stringify({ id }), {
      headers: { "content-type": "application/json" },
    });
  },
);
