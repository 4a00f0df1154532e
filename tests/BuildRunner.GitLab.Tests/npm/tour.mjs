// Calls a GitLab with somebody else's client, and puts out what it understands. Arguments: address, access token, trigger token.
import { Gitlab } from "@gitbeaker/rest";

const [host, token, triggerToken] = process.argv.slice(2);
const project = "acme/shop";
const api = new Gitlab({ host, token });
const other = new Gitlab({ host, oauthToken: token });

const created = await api.Pipelines.create(project, "main", { variables: [{ key: "BUILD_KEY", value: "br-1" }] });
const triggered = await api.PipelineTriggerTokens.trigger(project, "main", triggerToken, { variables: { BUILD_KEY: "br-2" } });
for (let count = 0; count < 105; count++) {
  await api.Pipelines.create(project, "main", {});
}

const all = await api.Pipelines.all(project, { perPage: 50 });
const named = await other.Pipelines.all(project, { name: "br-1" });
const shown = await api.Pipelines.show(project, created.id);
const variables = await api.Pipelines.allVariables(project, triggered.id);
const jobs = await api.Jobs.all(project, { pipelineId: created.id });
const log = await api.Jobs.showLog(project, jobs[0].id);
const cancelled = await api.Pipelines.cancel(project, created.id);
const retried = await api.Pipelines.retry(project, created.id);
const failures = [];
for (const call of [
  () => api.Pipelines.show(project, 7),
  () => api.Pipelines.all("acme/other"),
  () => api.Pipelines.create(project, "nowhere"),
  () => new Gitlab({ host, token: "wrong" }).Pipelines.all(project),
  () => api.PipelineTriggerTokens.trigger(project, "main", token),
]) {
  await call().then(() => failures.push(0), (error) => failures.push(error.cause?.response?.status ?? String(error)));
}

console.log(JSON.stringify({
  sources: [created.source, triggered.source],
  all: all.length,
  unique: new Set(all.map((pipeline) => pipeline.id)).size,
  named: named.map((pipeline) => pipeline.id === created.id),
  shown: [shown.id === created.id, shown.name, shown.sha, shown.webUrl ?? shown.web_url],
  variables: variables.map((variable) => `${variable.key}=${variable.value}`),
  jobs: jobs.map((job) => job.name),
  log,
  cancelled: cancelled.status,
  retried: retried.status,
  failures,
}));
