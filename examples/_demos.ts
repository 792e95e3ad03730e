/** A card of the page. */
export interface Demo {
  readonly title: string;
  readonly chinese: string;
  readonly code: string;
  /** A path to follow, or one of the page's own little programs. */
  readonly link?: string;
  readonly program?: "sse" | "websocket" | "form" | "cache";
}

/** What the page shows, one card each. */
export const demos: readonly Demo[] = [
  {
    title: "Routes with typed parameters",
    chinese: "带类型参数的路由",
    code: `app.get("/add/:a(\\\\d+)/:b(\\\\d+)", (ctx) => ({
  sum: Number(ctx.params.a) + Number(ctx.params.b),
}));`,
    link: "/add/20/22",
  },
  {
    title: "Controllers by file",
    chinese: "按文件组织的控制器",
    code: `// ctrl/hello/[name].ts
export function get(params) {
  return { hello: params.name };
}`,
    link: "/hello/Ada",
  },
  {
    title: "The rest of a path",
    chinese: "路径的其余部分",
    code: `// ctrl/files/[...path].ts
export function get({ path }) {
  return { path };
}`,
    link: "/files/docs/2026/plan.md",
  },
  {
    title: "Names instead of paths",
    chinese: "用名字生成路径",
    code: `app.get("/greet/:name", { name: "greet" }, (ctx) => ({
  next: ctx.urlFor("greet", { name: "世界" }),
}));`,
    link: "/greet/Ada",
  },
  {
    title: "Typed configuration",
    chinese: "带类型的分层配置",
    code: `const config = await defineConfig({
  schema: { app: { cache: size(), cookies: secret() } },
});
app.get("/config", () => config.value);`,
    link: "/config",
  },
  {
    title: "A cache of three tiers, live",
    chinese: "三级缓存，实时查看命中层级",
    code: `const { value, source, ttl } = await ctx.app.cache.lookup(
  "time",
  { ttl: 5 },
  () => slowTime(),
);`,
    program: "cache",
  },
  {
    title: "Metrics and a status page, on a port of their own",
    chinese: "指标与状态页，使用独立端口",
    code: `app.listen({ port: 2233, admin: 9464 });
ctx.app.stat.incr("orders");`,
    link: "/status",
  },
  {
    title: "Validated forms",
    chinese: "表单校验",
    code: `app.post("/comments", { body: Comment }, (ctx) => {
  ctx.status(201);
  return ctx.valid.body;
});`,
    program: "form",
  },
  {
    title: "Server-sent events",
    chinese: "服务器推送",
    code: `app.get("/clock", (ctx) =>
  ctx.sse(async (events) => {
    await events.send({ event: "tick", data: new Date() });
  }));`,
    program: "sse",
  },
  {
    title: "WebSockets",
    chinese: "双向连接",
    code: `const { socket, response } = ctx.upgrade();
socket.onmessage = ({ data }) => socket.send(data);
return response;`,
    program: "websocket",
  },
  {
    title: "Streams",
    chinese: "流式输出",
    code: `ctx.stream(async (writer) => {
  await writer.write("line 1\\n");
});`,
    link: "/stream",
  },
  {
    title: "Signed cookies",
    chinese: "签名 Cookie",
    code: `const seen = await ctx.cookies.getSigned("seen");
await ctx.cookies.setSigned("seen", "2");`,
    link: "/counter",
  },
  {
    title: "Any fetch handler mounted",
    chinese: "挂载任意 fetch 处理器",
    code: `app.mount("/mounted", (request) => new Response("…"));`,
    link: "/mounted/some/path",
  },
  {
    title: "An error of yours",
    chinese: "业务错误",
    code: `throw new HttpError(418, "I cannot make coffee");`,
    link: "/teapot",
  },
  {
    title: "An error nobody expected",
    chinese: "意外错误：生产环境不泄露细节",
    code: `throw new Error("Something the client must not read");`,
    link: "/error",
  },
];
