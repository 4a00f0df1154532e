// Cuts what the runner calls out of GitHub's OpenAPI documents: node make-slice.mjs [folder]
// What is kept are shapes: paths, types, enums and limits, without prose. The examples of github.com have a file of their own.
// GitHub refuses a member that a request body does not name ("x" is not a permitted key). The documents leave it open; here it is closed.
// Where the documents contradict the documentation, it is said below.
// The documents say of each operation and schema what another version of the API changes; a slice of such a version has it changed.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PACKAGE = "@octokit/openapi@23.0.2";

const SLICES = [
  ["api.github.com", null],
  ["api.github.com", "2026-03-10"],
  ["ghec", null],
  ["ghes-3.19", null],
];

const REPOSITORY = "/repos/{owner}/{repo}";
const RUN = `${REPOSITORY}/actions/runs/{run_id}`;
const WORKFLOW = `${REPOSITORY}/actions/workflows/{workflow_id}`;
const OPERATIONS = [
  ["get", "/meta"],
  ["post", "/app/installations/{installation_id}/access_tokens"],
  ["get", REPOSITORY],
  ["get", WORKFLOW],
  ["post", `${WORKFLOW}/dispatches`],
  ["get", `${WORKFLOW}/runs`],
  ["get", `${REPOSITORY}/actions/runs`],
  ["get", RUN],
  ["get", `${RUN}/attempts/{attempt_number}`],
  ["get", `${RUN}/attempts/{attempt_number}/jobs`],
  ["get", `${RUN}/attempts/{attempt_number}/logs`],
  ["get", `${RUN}/jobs`],
  ["get", `${RUN}/logs`],
  ["post", `${RUN}/cancel`],
  ["post", `${RUN}/force-cancel`],
  ["get", `${REPOSITORY}/actions/jobs/{job_id}`],
  ["get", `${REPOSITORY}/actions/jobs/{job_id}/logs`],
];

const PROSE = new Set([
  "description", "summary", "title", "example", "examples", "externalDocs", "tags", "x-github", "x-octokit", "x-multi-segment",
]);
const MAPS = new Set(["properties", "responses", "content", "headers"]);
const CHANGES = "x-github-breaking-changes";

// JSON Patch (RFC 6902), of which the documents use these two.
function patched(target, operations) {
  for (const { op, path, value } of operations) {
    const keys = path.split("/").slice(1).map(key => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop();
    const parent = keys.reduce((node, key) => node[key], target);
    if (op === "remove" && last in parent) {
      delete parent[last];
    } else if (op === "replace" && last in parent) {
      parent[last] = value;
    } else {
      throw new Error(`cannot ${op} ${path}`);
    }
  }
  return target;
}

// JSON Merge Patch (RFC 7396).
function merged(target, patch) {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) {
    return patch;
  }
  const result = target !== null && typeof target === "object" && !Array.isArray(target) ? target : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      delete result[key];
    } else {
      result[key] = merged(result[key], value);
    }
  }
  return result;
}

function inVersion(node, version) {
  for (const change of version ? node[CHANGES] ?? [] : []) {
    if (change.version <= version) {
      node = Array.isArray(change.patch) ? patched(node, change.patch) : merged(node, change.patch);
    }
  }
  return node;
}

// A property may be called "title" or "tags", so what is prose depends on where it stands.
function shape(node, version, isMap = false) {
  if (Array.isArray(node)) {
    return node.map(item => shape(item, version));
  }
  if (node === null || typeof node !== "object") {
    return node;
  }
  const result = {};
  for (const [key, value] of Object.entries(isMap ? node : inVersion(node, version))) {
    if (isMap || (!PROSE.has(key) && key !== CHANGES)) {
      result[key] = shape(value, version, !isMap && MAPS.has(key));
    }
  }
  return result;
}

function slice(document, version) {
  const paths = {};
  const components = {};
  const pending = [];
  const kept = node => {
    const result = shape(node, version);
    JSON.stringify(result, (key, value) => (key === "$ref" && pending.push(value), value));
    return result;
  };

  for (const [method, path] of OPERATIONS) {
    const operation = kept(document.paths[path][method]);
    const body = operation.requestBody?.content["application/json"].schema;
    if (body) {
      body.additionalProperties = false;
    }
    (paths[path] ??= {})[method] = operation;
  }
  // For what GitHub answers to any request that it does not do.
  pending.push("#/components/schemas/basic-error");
  while (pending.length > 0) {
    const [, , kind, name] = pending.pop().split("/");
    const known = (components[kind] ??= {});
    if (!(name in known)) {
      known[name] = {};
      known[name] = kept(document.components[kind][name]);
    }
  }

  // It has to be there, and says nothing here.
  const operations = Object.values(paths).flatMap(path => Object.values(path));
  const responses = operations.flatMap(operation => Object.values(operation.responses));
  for (const response of [...responses, ...Object.values(components.responses ?? {})]) {
    if (!response.$ref) {
      response.description = "";
    }
  }
  // By the documentation it is a search for a date, such as ">=2026-11-20T19:00:00Z", which is no date.
  delete components.parameters.created.schema.format;
  const info = { title: "A slice of GitHub's OpenAPI document", version: version ?? "2022-11-28" };
  return { openapi: document.openapi, info, servers: shape(document.servers), paths, components: sorted(components) };
}

function sorted(components) {
  const inOrder = map => Object.fromEntries(Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1)));
  return inOrder(Object.fromEntries(Object.entries(components).map(([kind, all]) => [kind, inOrder(all)])));
}

// What the document shows of each operation, by its id: bodies of requests, and of answers by their status.
function examples(document) {
  const values = content => Object.values(content?.["application/json"]?.examples ?? {})
    .map(example => (example.$ref ? document.components.examples[example.$ref.split("/").pop()] : example).value);
  return Object.fromEntries(OPERATIONS.map(([method, path]) => {
    const { operationId, requestBody, responses } = document.paths[path][method];
    const replies = Object.entries(responses).map(([status, { content }]) => [status, values(content)]).filter(([, all]) => all.length > 0);
    return [operationId, { requests: values(requestBody?.content), replies: Object.fromEntries(replies) }];
  }));
}

const write = (file, value) => writeFileSync(join(folder, file), JSON.stringify(value, null, 2) + "\n");
const folder = process.argv[2] ?? join(import.meta.dirname, "slices");
const work = mkdtempSync(join(tmpdir(), "make-slice-"));
try {
  execFileSync("npm", ["pack", PACKAGE, "--silent", "--pack-destination", work], { stdio: ["ignore", "ignore", "inherit"] });
  const archive = PACKAGE.slice(1).replaceAll(/[/@]/g, "-") + ".tgz";
  execFileSync("tar", ["-xzf", archive, ...new Set(SLICES.map(([name]) => `package/generated/${name}.json`))], { cwd: work });
  for (const [name, version] of SLICES) {
    const document = JSON.parse(readFileSync(join(work, "package", "generated", `${name}.json`), "utf8"));
    const file = version ? `${name}-${version}.json` : `${name}.json`;
    write(file, slice(document, version));
    if (name === "api.github.com" && !version) {
      write("examples.json", examples(document));
    }
  }
} finally {
  rmSync(work, { recursive: true });
}
