// graphile-worker as its page on performance recommends for many jobs: a local queue, and completions in batches.
import { Logger, makeWorkerUtils, run } from "graphile-worker";

const workers = 24;
const silent = new Logger(() => () => {});

export async function create({ url, batch, cadence, repeats }, ran) {
  const preset = {
    worker: {
      connectionString: url,
      concurrentJobs: workers,
      maxPoolSize: workers + 1,
      pollInterval: 100,
      localQueue: { size: batch },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
      logger: silent,
    },
  };
  const utils = await makeWorkerUtils({ preset, logger: silent });
  const at = (delay) => (delay > 0 ? new Date(Date.now() + delay) : undefined);
  return {
    async start(works) {
      await utils.migrate();
      if (works) {
        await run({
          preset,
          logger: silent,
          noHandleSignals: true,
          taskList: {
            async job(payload, helpers) {
              ran(payload.job);
              if (repeats) {
                await helpers.addJob("job", payload, { runAt: at(cadence) });
              }
            },
          },
        });
      }
    },
    enqueue: (job, delay) => utils.addJob("job", { job }, { runAt: at(delay) }),
    enqueueAll: (jobs) => utils.addJobs(jobs.map(({ job, delay }) => ({ identifier: "job", payload: { job }, runAt: at(delay) }))),
  };
}
