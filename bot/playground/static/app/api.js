// Every request of the page. Refusals become ApiError with words that a person can read.

export class ApiError extends Error {
  constructor(code, message, errors, status) {
    super(message);
    this.code = code;
    this.errors = errors ?? null;
    this.status = status;
  }
}

const UNREACHABLE = "The playground does not answer. Is it still running?";

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ApiError("unreachable", UNREACHABLE, null, 0);
  }
  let body;
  try {
    body = await response.json();
  } catch {
    throw new ApiError(
      "bad_answer",
      `The playground answered with HTTP ${response.status} and no words.`,
      null,
      response.status,
    );
  }
  if (!response.ok || body.ok === false) {
    const message = body.message || body.error || `HTTP ${response.status}`;
    throw new ApiError(body.error ?? "failed", message, body.errors, response.status);
  }
  return body;
}

function query(facts) {
  return new URLSearchParams(
    Object.entries(facts).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  );
}

export function look(path, facts = {}) {
  return request(`${path}?${query(facts)}`, { headers: { accept: "application/json" } });
}

/** A verb of the control API (docs/playground.md). */
export function act(verb, body, { keepalive = false } = {}) {
  return request(`/control/${verb}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    keepalive,
  });
}

export function upload(fields, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  form.append("file", file, file.name);
  return request("/control/upload", { method: "POST", body: form });
}
