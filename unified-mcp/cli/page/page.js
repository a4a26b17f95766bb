"use strict";

const STATES = {
  starting: "Asking the bridge…",
  not_paired: "Waiting for a scan",
  connecting: "Scanned, connecting…",
  connected: "Linked",
  unreachable: "The bridge does not answer",
  logged_out: "The phone removed this device",
  replaced: "Another program uses this session",
  client_outdated: "WhatsApp refuses this version",
  temporarily_banned: "The account is restricted for now",
  passkey_required: "The account asks for a passkey",
};
const UNLINKED = ["not_paired", "logged_out", "passkey_required"];

const cards = new Map();
let last = { bridges: [], done: false };

function card(name) {
  if (!cards.has(name)) {
    const made = document.getElementById("bridge").content.cloneNode(true).firstElementChild;
    made.dataset.bridge = name;
    made.querySelector("button").addEventListener("click", () => fetch("codes", { method: "POST" }));
    document.getElementById("bridges").append(made);
    cards.set(name, made);
  }
  return cards.get(name);
}

function seconds(when) {
  return Math.max(0, Math.ceil((Date.parse(when) - Date.now()) / 1000));
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function draw(bridge) {
  const made = card(bridge.name);
  const part = (selector) => made.querySelector(selector);
  made.classList.toggle("linked", bridge.linked);
  made.dataset.state = bridge.state;
  write(part("h2"), bridge.title);
  write(part(".name"), bridge.name);
  const image = part("img");
  image.hidden = !bridge.scannable;
  image.alt = `QR code to link ${bridge.name}`;
  if (bridge.scannable && image.dataset.number !== String(bridge.number)) {
    image.dataset.number = bridge.number;
    image.src = `qr/${bridge.name}.svg?number=${bridge.number}`;
  }
  part(".tick").hidden = !bridge.linked;
  part(".code").hidden = part(".how").hidden = bridge.code === null;
  write(part(".code"), bridge.code ?? "");
  let state = STATES[bridge.state] ?? bridge.state;
  if (bridge.linked && bridge.account) state += ` as ${bridge.account}`;
  if (bridge.scannable) state += `; this code lasts ${seconds(bridge.expires_at)} s`;
  if (bridge.code !== null) state += `, the one to type ${seconds(bridge.code_expires_at)} s`;
  if (bridge.state === "not_paired" && !bridge.scannable) state = "No code is live";
  write(part(".state"), state);
  write(part(".note"), bridge.note ?? "");
  part("button").hidden = bridge.scannable || !UNLINKED.includes(bridge.state);
}

function drawAll() {
  last.bridges.forEach(draw);
  const linked = last.bridges.filter((bridge) => bridge.linked).length;
  let summary = `${linked} of ${last.bridges.length} linked`;
  if (last.done) summary = linked === last.bridges.length ? "Both are linked. You can close this page." : "Linked; the other bridge is not there.";
  write(document.getElementById("summary"), summary);
}

const events = new EventSource("events");
events.onmessage = (event) => {
  last = JSON.parse(event.data);
  if (last.done) {
    events.close();
    clearInterval(clock);
  }
  drawAll();
};
events.onerror = () => {
  write(document.getElementById("summary"), "The command that shows this page has ended: run `whatsapp-mcp pair` again.");
};
const clock = setInterval(drawAll, 1000);
