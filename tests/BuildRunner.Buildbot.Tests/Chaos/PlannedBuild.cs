using System.Globalization;

namespace BuildRunner.Buildbot.Tests.Chaos;

/// <summary>A build, and how it has to end.</summary>
/// <param name="Number">Its number, which the server is given with its change.</param>
/// <param name="Work">What the builder does with it.</param>
/// <param name="End">The one end that is right, whatever is killed meanwhile; <see langword="null"/> where a cancel races with its success.</param>
/// <param name="CancelsAfter">How long after its submission it is cancelled, or <see langword="null"/> if it is not.</param>
internal sealed record PlannedBuild(int Number, string Work, BuildStatus? End, TimeSpan? CancelsAfter)
{
    /// <summary>Gets the change, by which the server's builds are told apart.</summary>
    public Change Change => new(string.Create(CultureInfo.InvariantCulture, $"test:{Work}/{Number}"));

    /// <summary>Determines whether the build may have ended so.</summary>
    public bool MayEndAs(BuildStatus status) => End is { } end ? status == end : status is BuildStatus.Succeeded or BuildStatus.Cancelled;

    /// <summary>Makes all builds of a run: the same for the same seed. A tenth of them is cancelled and would not end by itself; a twentieth may end by itself before its cancel.</summary>
    public static IReadOnlyList<PlannedBuild> Draw(ChaosOptions options)
    {
        var random = options.Random(1);
        return [.. Enumerable.Range(0, options.Builds).Select(number => (number % 20) switch
        {
            5 or 15 => new PlannedBuild(number, "RunsLong", BuildStatus.Cancelled, TimeSpan.FromMilliseconds(random.Next(6000))),
            10 => new(number, "RunsShort", End: null, TimeSpan.FromMilliseconds(random.Next(3000))),
            _ => random.Next(4) switch
            {
                0 => new(number, "Fails", BuildStatus.Failed, null),
                1 => new(number, "Succeeds", BuildStatus.Succeeded, null),
                _ => new(number, "RunsShort", BuildStatus.Succeeded, null),
            },
        })];
    }
}
