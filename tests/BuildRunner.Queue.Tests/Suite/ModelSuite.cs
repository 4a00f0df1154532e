using BuildRunner.Queue.Tests.Model;
using CsCheck;

namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Random sequences of everything, against a small model.</summary>
public abstract class ModelSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : EngineFixture, new()
{
    private int _runs;

    [Fact]
    public Task The_engine_does_what_the_model_does() => Operation.Sequences.SampleAsync(
        async operations =>
        {
            // A topic of its own is an empty queue.
            ModelRun run = new(Fixture, Consumer.Engine, $"run-{Interlocked.Increment(ref _runs)}");
            foreach (var operation in operations)
            {
                await run.DoAsync(operation);
            }
        },
        iter: Fixture.ModelRuns,
        threads: 1,
        print: static operations => string.Join('\n', operations.Select(static operation => $"{operation.Kind} {string.Join(' ', operation.Numbers)}")));
}
