// pg-boss with batches: what a batch schedules again is one insert.
import { PgBoss } from "pg-boss";

const queue = "jobs";

export async function create({ url, batch, cadence, repeats }, ran) {
  const boss = new PgBoss({ connectionString: url, max: 20 });
  boss.on("error", (error) => {
    throw error;
  });
  const at = (delay) => (delay > 0 ? new Date(Date.now() + delay) : undefined);
  const enqueueAll = (jobs) => boss.insert(queue, jobs.map(({ job, delay }) => ({ data: { job }, startAfter: at(delay) })));
  return {
    async start(works) {
      await boss.start();
      await boss.createQueue(queue);
      if (works) {
        await boss.work(queue, { batchSize: batch, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 }, async (jobs) => {
          for (const { data } of jobs) {
            ran(data.job);
          }
          if (repeats) {
            await enqueueAll(jobs.map(({ data }) => ({ job: data.job, delay: cadence })));
          }
        });
      }
    },
    enqueue: (job, delay) => boss.send(queue, { job }, { startAfter: at(delay) }),
    enqueueAll,
  };
}
