import { createApp } from "@oresty/oresty";
import { serveDir } from "@std/http/file-server";
import { fileURLToPath } from "node:url";

const fsRoot = fileURLToPath(new URL("./public", import.meta.url));
const app = createApp();
app.mount("/static", (request) => serveDir(request, { fsRoot, quiet: true }));

export default app;
