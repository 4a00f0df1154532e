using System.Globalization;

namespace BuildRunner.Orchestration.Tests.Outages;

/// <summary>All builds, and the observer that every process has.</summary>
internal sealed class OutageBuilds(int count) : IBuildObserver
{
    private readonly Lock _gate = new();
    private readonly (Build? Build, DateTimeOffset AcknowledgedAt)[] _submitted = new (Build?, DateTimeOffset)[count];
    private readonly Dictionary<Guid, HashSet<(long Version, BuildStatus Status)>> _told = [];

    public int Count => count;

    /// <summary>Gets what was acknowledged, and when.</summary>
    public IReadOnlyList<(Build Build, DateTimeOffset AcknowledgedAt)> Submitted => [.. _submitted.Where(static item => item.Build is not null).Select(static item => (item.Build!, item.AcknowledgedAt))];


    public static BuildSubmission SubmissionOf(int number) => new()
    {
        Key = string.Create(CultureInfo.InvariantCulture, $"outage-{number}"),
        OwnerId = string.Create(CultureInfo.InvariantCulture, $"owner-{number % 10}"),
        Runner = StageBuilderExtensions.Ci,
        Request = new BuildRequest { Head = [Submissions.Change] },
    };

    /// <summary>Submits a build once. It may be called again.</summary>
    public async Task SubmitAsync(IBuildOrchestrator builds, int number, CancellationToken cancellationToken)
    {
        var build = await builds.SubmitAsync(SubmissionOf(number), cancellationToken);
        _submitted[number] = (build, DateTimeOffset.UtcNow);
    }

    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_told.TryGetValue(build.Id, out var told))
            {
                _told.Add(build.Id, told = []);
            }

            told.Add((build.Version, build.Status));
        }

        return Task.CompletedTask;
    }

    /// <summary>Gets the ends of a build that its owner was told, each once.</summary>
    public IReadOnlyList<(long Version, BuildStatus Status)> EndsOf(Guid id)
    {
        lock (_gate)
        {
            return [.. _told.GetValueOrDefault(id, []).Where(static told => told.Status.IsTerminal())];
        }
    }
}
