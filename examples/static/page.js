// Shows the NFTs of a workspace while they are read. Names come from strangers: they are only ever
// text here, `textContent` in a <bdi>, and never HTML.

const STEP = 48; // cards that are shown at first, and that each press of the button adds
const KEPT = 600; // NFTs that can be shown; those that come later are counted
const PAUSE = 0.4; // seconds of a wait that is shown as such
const ROWS = 100; // accounts that have a row

const element = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en").format;
const seconds = (value) => `${value.toFixed(1)} s`;
const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

let source; // of the events, while there are some to come
let view; // everything that is shown
let isDrawing = false;

// What comes in

function start() {
  reset();
  source = new EventSource("/progress");
  source.addEventListener("open", reset); // again when the browser has connected anew
  source.addEventListener("nodes", (event) => addNodes(JSON.parse(event.data)));
  source.addEventListener("progress", (event) => addProgress(JSON.parse(event.data)));
  source.addEventListener("done", (event) => finish(JSON.parse(event.data)));
  source.addEventListener("failed", (event) => end("failed", JSON.parse(event.data).message));
  source.addEventListener("error", lose);
}

function reset() {
  const accounts = view?.accounts ?? new Map();
  view = { state: "reading", said: "Reading", wait: "", nodes: 0, accounts: new Map() };
  Object.assign(view, { kept: [], limit: STEP });
  element("accounts").replaceChildren();
  element("cards").replaceChildren();
  for (const [id, { name, expected }] of accounts) expect(id, name, expected);
  draw();
}

function expect(id, name, expected) {
  Object.assign(accountOf(id), { name, expected, isDirty: true });
  draw();
}

function addNodes(nodes) {
  view.nodes += nodes.length;
  view.kept.push(...nodes.slice(0, KEPT - view.kept.length));
  for (const node of nodes) {
    const account = accountOf(node.account_id);
    account.nodes += 1;
    account.isDirty = true;
  }
  draw();
}

function addProgress(progress) {
  view.progress = progress;
  Object.assign(view, { state: "reading", said: "Reading", wait: "" }, heldBack(progress));
  draw();
}

function heldBack({ wait_left, concurrency_reason }) {
  if (wait_left >= PAUSE) {
    return { state: "waiting", said: "Waiting for the rate limit", wait: seconds(wait_left) };
  }
  if (wait_left > 0) return { said: "Reading, at the pace of the rate limit" };
  if (concurrency_reason === "failures") return { said: "Reading slowly, after failures" };
  if (concurrency_reason) return { said: "Asking if requests pass again" };
  return {};
}

function finish({ progress, reports }) {
  view.progress = progress;
  const all = Object.entries(reports);
  for (const [id, report] of all) {
    Object.assign(accountOf(Number(id)), { report, nodes: report.nodes, isDirty: true });
  }
  const proven = all.filter(([, { status }]) => status !== "unverified").length;
  if (proven === all.length) end("proven", `Proven complete: ${plural(proven, "account")}`);
  else end("failed", `Proven complete: ${number(proven)} of ${plural(all.length, "account")}`);
}

function lose() {
  if (source.readyState === EventSource.CLOSED) end("failed", "The server does not answer");
  else Object.assign(view, { state: "waiting", said: "The connection was lost: trying again", wait: "" });
  draw();
}

function end(state, said) {
  source.close(); // or the browser would connect again, and read everything once more
  source = null;
  Object.assign(view, { state, said, wait: "" });
  draw();
}

function accountOf(id) {
  let account = view.accounts.get(id);
  if (!account) {
    account = { name: `Account ${id}`, nodes: 0, isDirty: true };
    if (view.accounts.size < ROWS) account.row = addRow();
    view.accounts.set(id, account);
  }
  return account;
}

// How it is shown: at most once a frame, however fast it comes in

function draw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    drawState();
    drawAccounts();
    drawCards();
  });
}

function drawState() {
  const { state, said, wait, progress, nodes, accounts } = view;
  element("state").dataset.state = state;
  if (element("said").textContent !== said) element("said").textContent = said;
  element("wait").textContent = wait;
  element("run").textContent = source ? "Stop" : "Read again";
  element("total").textContent = number(nodes);
  const known = Math.max(accounts.size, progress?.accounts_known ?? 0);
  element("done").textContent = `${number(progress?.accounts_done ?? 0)} of ${number(known)}`;
  element("pages").textContent = number(progress?.pages ?? 0);
  element("waited").textContent = seconds(progress?.waited ?? 0);
}

function drawAccounts() {
  for (const account of view.accounts.values()) {
    if (account.isDirty && account.row) drawRow(account);
    account.isDirty = false;
  }
  const hidden = view.accounts.size - ROWS;
  element("more-accounts").hidden = hidden <= 0;
  element("more-accounts").textContent = `and ${plural(hidden, "more account")}`;
}

function addRow() {
  const row = element("account").content.cloneNode(true).firstElementChild;
  element("accounts").append(row);
  return row;
}

function drawRow({ row, name, nodes, expected, report }) {
  const bar = row.querySelector("progress");
  row.querySelector(".name").textContent = name;
  row.querySelector(".count").textContent = counted(nodes, expected, report);
  bar.setAttribute("aria-label", `NFTs of ${name}`);
  if (report || expected) {
    bar.max = report ? 1 : expected;
    bar.value = report ? Number(report.status !== "unverified") : nodes;
  }
  if (report) row.dataset.proof = report.status;
  row.querySelector(".problem").hidden = !report?.error;
  row.querySelector(".problem bdi").textContent = report?.error?.message ?? "";
}

function counted(nodes, expected, report) {
  if (report) return `${number(nodes)}, ${PROOFS[report.status]}`;
  return expected > nodes ? `${number(nodes)} of ${number(expected)}` : number(nodes);
}

const PROOFS = { exact: "exact", repaired: "repaired", unverified: "not proven" };

function drawCards() {
  const cards = element("cards");
  const limit = Math.min(view.limit, view.kept.length);
  cards.append(...view.kept.slice(cards.childElementCount, limit).map(cardOf));
  const left = view.kept.length - cards.childElementCount;
  element("more").hidden = left <= 0;
  element("more").textContent = `Show ${number(Math.min(STEP, left))} more`;
  const isAll = cards.childElementCount === view.nodes;
  element("shown").textContent = isAll
    ? ""
    : `${number(cards.childElementCount)} of ${number(view.nodes)} are shown`;
}

function cardOf({ contract_address, token_id, metadata }) {
  const card = element("card").content.cloneNode(true).firstElementChild;
  const collection = metadata?.tokenName?.trim() || short(contract_address);
  card.querySelector(".name bdi").textContent = metadata?.nftName?.trim() || `#${short(token_id)}`;
  card.querySelector(".collection bdi").textContent = collection;
  card.querySelector(".initial").textContent = /[\p{L}\p{N}]/u.exec(collection)?.[0] ?? "";
  const picture = card.querySelector(".picture");
  picture.style.setProperty("--hue", hue(contract_address));
  const address = pictureOf(metadata);
  if (address) picture.append(imageOf(address));
  return card;
}

const short = (text) => (text.length > 12 ? `${text.slice(0, 6)}…${text.slice(-4)}` : text);

const hue = (text) => [...text].reduce((sum, each) => (sum * 31 + each.codePointAt(0)) % 360, 0);

/** The picture's address on the web; elsewhere, as with ipfs:, the browser does not look. */
function pictureOf(metadata) {
  const { preview, big, original } = metadata?.medias ?? {};
  const uri = (preview ?? big ?? original)?.uri ?? metadata?.media;
  const url = URL.canParse(uri) ? new URL(uri) : null;
  return ["https:", "http:"].includes(url?.protocol) ? url.href : null;
}

function imageOf(address) {
  const image = new Image();
  image.alt = "";
  image.loading = "lazy"; // which has to be said before the address
  image.decoding = "async";
  image.referrerPolicy = "no-referrer";
  image.addEventListener("error", () => image.remove());
  image.src = address;
  return image;
}

/** Names, and how many NFTs there will be; without them, accounts have numbers, and bars no end. */
async function loadAccounts() {
  const response = await fetch("/accounts").catch(() => null);
  if (!response?.ok) return;
  for (const { id, name, nfts } of await response.json()) expect(id, name, nfts);
}

element("run").addEventListener("click", () => (source ? end("stopped", "Stopped") : start()));
element("more").addEventListener("click", () => {
  const next = element("cards").childElementCount;
  view.limit += STEP;
  drawCards();
  const first = element("cards").children[next];
  first.tabIndex = -1;
  first.focus(); // the button may be gone
});

start();
loadAccounts();
