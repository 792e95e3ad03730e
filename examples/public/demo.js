// deno-lint-ignore-file no-undef -- runs in a browser
// The page's own programs: a form, a clock, a cache, an echo.

const form = document.querySelector("#comment");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const response = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { accept: "application/json" },
  });
  const answer = await response.json();
  form.querySelector("output").textContent = `${response.status} ${
    answer.issues
      ? answer.issues.map(({ path, message }) => `${path[1]}: ${message}`)
        .join("; ")
      : JSON.stringify(answer)
  }`;
});

const clock = new EventSource("/clock");
clock.addEventListener("tick", ({ data }) => {
  document.querySelector("#clock").textContent = new Date(JSON.parse(data))
    .toLocaleTimeString();
});

const tiers = document.querySelector("#tiers");
const look = async () => {
  const response = await fetch("/cached");
  const { value, hitLevel, source, ttl, stats } = await response.json();
  tiers.textContent = `${new Date(value).toLocaleTimeString()}, ` +
    `level ${hitLevel} (${source}), fresh for ${ttl.toFixed(1)} s; ` +
    `worker ${stats.l1Hits}, process ${stats.l2Hits}, loads ${stats.loads}`;
};
look();
setInterval(look, 1000);
document.querySelector("#forget").addEventListener("click", async () => {
  await fetch("/cached", { method: "DELETE" });
  await look();
});

const echo = document.querySelector("#echo");
let socket;
echo.addEventListener("submit", (event) => {
  event.preventDefault();
  const message = new FormData(echo).get("message");
  const output = echo.querySelector("output");
  if (socket?.readyState === WebSocket.OPEN) return socket.send(message);
  const address = new URL("/echo", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(address);
  socket.addEventListener("open", () => socket.send(message));
  socket.addEventListener("message", ({ data }) => output.textContent = data);
  socket.addEventListener("error", () => output.textContent = "closed");
});
