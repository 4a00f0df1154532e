namespace BuildRunner.Benchmarks.Queue;

/// <summary>The load to measure.</summary>
/// <param name="Builds">How many builds there are, each in a partition of its own and due from the beginning.</param>
/// <param name="Polls">After how many polls a build is finished.</param>
/// <param name="Postpone">For how many milliseconds a poll postpones the next.</param>
/// <param name="Batch">How many are claimed at once.</param>
internal sealed record Workload(int Builds = 10_000, int Polls = 5, int Postpone = 200, int Batch = 500)
{
    public Workload? With(string name, int value) => name switch
    {
        "--builds" => this with { Builds = value },
        "--polls" => this with { Polls = value },
        "--postpone" => this with { Postpone = value },
        "--batch" => this with { Batch = value },
        _ => null,
    };
}
