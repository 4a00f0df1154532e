using System.Net.Sockets;

namespace BuildRunner.Orchestration.Soak;

/// <summary>A runner of the CI in the process of the test. Its trigger is as blind as one can be: what is asked for twice is created twice.</summary>
internal sealed class RemoteRunner(string name, CiClient ci) : IBuildRunner, IBuildFinder
{
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return (await AskAsync(new(CiOperation.Trigger, name) { Request = request }, cancellationToken)).BuildId!.Value;
        }
        catch (IOException exception)
        {
            throw new TriggerOutcomeUnknownException("The answer to the trigger was lost.", exception);
        }
    }

    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) =>
        (await RepeatableAsync(new(CiOperation.Find, name) { Key = triggerKey }, cancellationToken)).BuildId;

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        (await RepeatableAsync(new(CiOperation.Status, name) { BuildId = buildId }, cancellationToken)).Snapshot!;

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        RepeatableAsync(new(CiOperation.Cancel, name) { BuildId = buildId }, cancellationToken);

    private async Task<CiAnswer> RepeatableAsync(CiRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(request, cancellationToken);
        }
        catch (IOException exception)
        {
            throw new BuildRunnerException("The answer was lost.", exception) { IsTransient = true };
        }
    }

    private async Task<CiAnswer> AskAsync(CiRequest request, CancellationToken cancellationToken)
    {
        CiAnswer answer;
        try
        {
            answer = await ci.AskAsync(request, cancellationToken);
        }
        catch (SocketException exception)
        {
            throw new BuildRunnerException("The CI cannot be reached.", exception) { IsTransient = true };
        }

        return answer.Error switch
        {
            CiError.Transient => throw new BuildRunnerException("The CI is not available for a moment.") { IsTransient = true },
            CiError.NotFound => throw new BuildNotFoundException(request.BuildId!.Value),
            _ => answer,
        };
    }
}
