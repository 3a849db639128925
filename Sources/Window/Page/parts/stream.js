// Server-sent events over fetch: unlike EventSource it can send a token, and says why it was refused.

let token = sessionStorage.getItem("token") ?? "";
if (location.hash.startsWith("#token=")) {
  token = decodeURIComponent(location.hash.slice(7));
  sessionStorage.setItem("token", token);
  history.replaceState(null, "", location.pathname + location.search);
}

export function setToken(next) {
  token = next;
  sessionStorage.setItem("token", next);
}

export function request(path, more = {}) {
  const headers = { ...(more.headers ?? {}) };
  if (token) headers.Authorization = `Bearer ${token}`;
  return fetch(path, { ...more, headers, cache: more.cache ?? "default" });
}

/** The JSON at a path; null where it cannot be had. */
export async function ask(path) {
  try {
    const response = await request(path);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/**
 * Follows a stream: from where it was when it breaks off, and not at all while nobody sees the page.
 * `on` has a function for each event, and `state` for "here", "away", "paused" and the status of a refusal.
 */
export class Stream {
  #path;
  #on;
  #lastID = "";
  #abort = null;
  #timer = 0;
  #wait_ms = 500;
  #isClosed = false;

  constructor(path, on) {
    this.#path = path;
    this.#on = on;
    document.addEventListener("visibilitychange", this.#look);
    this.#look();
  }

  close() {
    this.#isClosed = true;
    document.removeEventListener("visibilitychange", this.#look);
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  #look = () => {
    clearTimeout(this.#timer);
    if (document.hidden) {
      this.#abort?.abort();
      this.#on.state("paused");
    } else if (!this.#abort) {
      this.#wait_ms = 500;
      this.#follow();
    }
  };

  async #follow() {
    const abort = new AbortController();
    this.#abort = abort;
    let status = 0;
    try {
      const headers = this.#lastID ? { "Last-Event-ID": this.#lastID } : {};
      const response = await request(this.#path, { headers, signal: abort.signal, cache: "no-store" });
      status = response.status;
      if (response.ok) {
        this.#on.state("here");
        await this.#read(response.body.getReader(), abort);
      }
    } catch {
      // Broken off, or nobody looks any more: what is next is decided below.
    }
    clearTimeout(this.#watch);
    this.#abort = null;
    if (this.#isClosed || document.hidden) return;
    this.#on.state(status >= 400 ? status : "away");
    this.#timer = setTimeout(() => this.#follow(), this.#wait_ms);
    this.#wait_ms = Math.min(this.#wait_ms * 2, 10000);
  }

  #watch = 0;

  async #read(reader, abort) {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      // There is a sign of life every 15 s: a connection without one is dead.
      clearTimeout(this.#watch);
      this.#watch = setTimeout(() => abort.abort(), 40000);
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      let end;
      let start = 0;
      while ((end = text.indexOf("\n\n", start)) >= 0) {
        this.#take(text.slice(start, end));
        start = end + 2;
      }
      text = text.slice(start);
      this.#wait_ms = 500;
    }
  }

  #take(block) {
    let name = "message";
    let data = "";
    for (const line of block.split("\n")) {
      if (line.startsWith("event: ")) name = line.slice(7);
      else if (line.startsWith("data: ")) data += line.slice(6);
      else if (line.startsWith("id: ")) this.#lastID = line.slice(4);
    }
    if (data) this.#on[name]?.(JSON.parse(data));
  }
}
