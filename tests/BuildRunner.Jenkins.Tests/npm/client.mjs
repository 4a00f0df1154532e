// Does with the npm package "jenkins" what a user of it does, and says what came of it.
import Jenkins from "jenkins";

const { url, job, user, secret, queueId, parameters } = JSON.parse(await new Response(process.stdin).text());
const baseUrl = url.replace("://", `://${user}:${encodeURIComponent(secret)}@`).replace(/\/$/, "");
const jenkins = new Jenkins({ baseUrl, crumbIssuer: true });
const seen = {};

const started = async (id) => {
  for (let attempt = 0; attempt < 600; attempt++) {
    const item = await jenkins.queue.item(id);
    if (item.executable) {
      return item.executable.number;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The item ${id} was not started.`);
};

const found = await jenkins.job.get(job);
seen.declared = found.property.flatMap((property) => property.parameterDefinitions ?? []).map((parameter) => parameter.name);

// What the runner has triggered.
seen.number = await started(queueId);
const build = await jenkins.build.get(job, seen.number);
seen.building = build.building;
seen.queueId = build.queueId;
seen.parameters = Object.fromEntries(
  build.actions.flatMap((action) => action.parameters ?? []).map((parameter) => [parameter.name, parameter.value]));
seen.log = await jenkins.build.log({ name: job, number: seen.number, meta: true });
await jenkins.build.stop(job, seen.number);

// What this client triggers.
seen.created = await jenkins.job.build({ name: job, parameters, delay: "0sec" });
seen.createdNumber = await started(seen.created);
seen.listed = (await jenkins.job.get(job, { tree: "builds[number]" })).builds.map((one) => one.number);

console.log(JSON.stringify(seen));
