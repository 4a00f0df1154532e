using BuildRunner.Orchestration.Runners;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Handling;

/// <summary>What a runner has answered to a trigger, and how it is saved.</summary>
internal sealed record BuildAnswer(Guid Id, RunnerClient Client, string Text, Func<Task<Outcome>> Save);
