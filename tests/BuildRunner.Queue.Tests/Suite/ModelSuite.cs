using System.Text.RegularExpressions;
using BuildRunner.Queue.Tests.Model;
using CsCheck;

namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Random sequences of everything, against a small model. <c>MODEL_RUNS</c> sets how many, and <c>CsCheck_Seed</c> with which to begin.</summary>
public abstract class ModelSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : EngineFixture, new()
{
    private int _runs;

    [Fact]
    public async Task The_engine_does_what_the_model_does()
    {
        try
        {
            await Operation.Sequences.SampleAsync(RunAsync, iter: ModelOptions.Runs ?? Fixture.ModelRuns, threads: 1, print: Print);
        }
        catch (CsCheckException exception)
        {
            throw new InvalidOperationException(Describe(exception), exception);
        }
    }

    private static string Print(Operation[] operations) => string.Join('\n', operations.Select(static operation => $"{operation.Kind} {string.Join(' ', operation.Numbers)}"));

    private async Task RunAsync(Operation[] operations)
    {
        // A topic of its own is an empty queue.
        ModelRun run = new(Fixture, Consumer.Engine, $"run-{Interlocked.Increment(ref _runs)}");
        foreach (var operation in operations)
        {
            await run.DoAsync(operation);
        }
    }

    private string Describe(CsCheckException exception)
    {
        var seed = Regex.Match(exception.Message, "seed: \"(?<seed>[^\"]+)\"", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture).Groups["seed"].Value;
        return $"""
            ENGINE {Consumer.Engine.Name}, SEED {seed}. To run it again:
            CsCheck_Seed={seed} dotnet test --project tests/BuildRunner.Queue.Tests -- --filter-class '*{GetType().Name}'
            If it does not fail again, it is a matter of moments: run it often, with MODEL_RUNS=5000.
            {exception.Message}
            """;
    }
}
