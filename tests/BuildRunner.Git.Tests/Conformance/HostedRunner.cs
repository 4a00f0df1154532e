using System.Text.Json;

namespace BuildRunner.Git.Tests.Conformance;

/// <summary>A runner in another process.</summary>
internal sealed class HostedRunner(HostProcess host) : IBuildRunner, IBuildFinder
{
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return await AskAsync<BuildId>("call trigger " + JsonSerializer.Serialize(request), cancellationToken);
    }

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        return await AskAsync<BuildSnapshot>($"call status {buildId}", cancellationToken);
    }

    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        await AskAsync<bool>($"call cancel {buildId}", cancellationToken);
    }

    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) =>
        await AskAsync<BuildId?>("call find " + JsonSerializer.Serialize(triggerKey), cancellationToken);

    private async Task<T> AskAsync<T>(string line, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var answer = await host.TryAskAsync(line) ?? throw new InvalidOperationException("The process has died.");
        return answer.Split(' ', 3) switch
        {
            ["returned", _, var value] => JsonSerializer.Deserialize<T>(value)!,
            ["threw", nameof(BuildNotFoundException), var message] => throw new BuildNotFoundException(message),
            ["threw", nameof(TriggerOutcomeUnknownException), var message] => throw new TriggerOutcomeUnknownException(message),
            ["threw", nameof(BuildRunnerConfigurationException), var message] => throw new BuildRunnerConfigurationException(message),
            ["threw", nameof(BuildRunnerException), var message] => throw new BuildRunnerException(message),
            _ => throw new InvalidOperationException(answer),
        };
    }
}
