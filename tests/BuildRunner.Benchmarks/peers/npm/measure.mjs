// Measures one library in this process, as Measuring.cs does those of .NET: node measure.mjs <library> <thing> <url> <jobs> <rate> <callers> <batch> <seconds>
import { setTimeout as delay } from "node:timers/promises";

const [name, thing, url, ...numbers] = process.argv.slice(2);
const [jobs, rate, callers, batch, seconds] = numbers.map(Number);
const cadence = 1000;
const load = { url, batch, cadence, repeats: thing === "poll" };
const { create } = await import(`./${name}.mjs`);

const state = { count: 0, due: [], late: [] };
const ran = (job) => {
  state.count++;
  if (job < state.due.length) {
    state.late[job] = now() - state.due[job];
  }
};

const now = () => performance.timeOrigin + performance.now();
const peer = await create(load, ran);

async function enqueueFor(time, callersNow) {
  const [before, since] = [state.next, performance.now()];
  await Promise.all(Array.from({ length: callersNow }, async () => {
    while (performance.now() - since < time) {
      await peer.enqueue(++state.next, 0);
    }
  }));
  return (state.next - before) / ((performance.now() - since) / 1000);
}

async function enqueueAllFor(time) {
  const [before, since] = [state.next, performance.now()];
  while (performance.now() - since < time) {
    await peer.enqueueAll(Array.from({ length: batch }, () => ({ job: ++state.next, delay: 0 })));
  }
  return (state.next - before) / ((performance.now() - since) / 1000);
}

async function enqueueDue(count, delayOf) {
  for (let first = 0; first < count; first += batch) {
    await peer.enqueueAll(Array.from({ length: Math.min(batch, count - first) }, (_, i) => ({ job: first + i, delay: delayOf(first + i) })));
  }
}

async function measureEnqueue() {
  state.next = 0;
  await peer.start(false);
  // The engine compiles in its first seconds.
  for (let round = 0; round < 3; round++) {
    await enqueueFor(500, 1);
    await enqueueFor(1000, callers);
    await enqueueAllFor(500);
  }
  const one = await enqueueFor(seconds * 1000, 1);
  const many = await enqueueFor(seconds * 1000, callers);
  const bulk = await enqueueAllFor(seconds * 1000);
  return `one_per_s=${one.toFixed()} many_per_s=${many.toFixed()} bulk_per_s=${bulk.toFixed()}`;
}

async function measurePoll() {
  await peer.start(true);
  await enqueueDue(jobs, (job) => (cadence * job) / jobs);
  await delay(6 * cadence);
  const [before, since] = [state.count, performance.now()];
  await delay(seconds * 1000);
  return `polls_per_s=${((state.count - before) / ((performance.now() - since) / 1000)).toFixed()}`;
}

async function measureLate() {
  const [lead, uncounted] = [3, 10];
  const count = rate * (uncounted + seconds);
  const from = now() + lead * 1000;
  state.due = Array.from({ length: count }, (_, job) => from + (job * 1000) / rate);
  state.late = Array(count).fill(NaN);
  await peer.start(true);
  await enqueueDue(count, (job) => state.due[job] - now());
  if (now() > state.due[rate * uncounted]) {
    throw new Error("The enqueuing has taken too long: jobs that count were due before all were there.");
  }
  for (const since = performance.now(); state.count < count && performance.now() - since < 120_000;) {
    await delay(100);
  }
  const late = state.late.slice(rate * uncounted).sort((a, b) => a - b);
  if (late.some(Number.isNaN)) {
    throw new Error("Jobs have not run two minutes after all were due.");
  }
  return `late_p50_ms=${late[Math.floor(late.length / 2)].toFixed(1)} late_p99_ms=${late[Math.floor((late.length * 99) / 100)].toFixed(1)}`;
}

const figures = await { enqueue: measureEnqueue, poll: measurePoll, late: measureLate }[thing]();
console.log(figures);
// What still runs is not waited for.
process.exit(0);
