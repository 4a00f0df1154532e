using System.Runtime.CompilerServices;

namespace BuildRunner.Http.Runners;

/// <summary>Keeps the tokens of triggers that are in progress or have an unknown outcome, for services that may not show them.</summary>
internal sealed class OpenTriggers
{
    // With whether an outcome is unknown.
    private readonly RecentBuilds<string, StrongBox<bool>> _triggers = new();

    /// <summary>Begins a trigger, and determines whether none with its token is open.</summary>
    public bool TryBegin(string token)
    {
        StrongBox<bool> trigger = new();
        return _triggers.GetOrAdd(token, trigger) == trigger;
    }

    public async Task<BuildId> RunAsync(string token, Task<BuildId> create)
    {
        try
        {
            var buildId = await create.ConfigureAwait(false);
            _triggers.Forget(token);
            return buildId;
        }
        catch (BuildRunnerException exception) when (exception is not TriggerOutcomeUnknownException)
        {
            // The unknown outcome of another trigger stays unknown.
            if (_triggers.Find(token) is not { Value: true })
            {
                _triggers.Forget(token);
            }

            throw;
        }
        catch (Exception)
        {
            _triggers.GetOrAdd(token, new StrongBox<bool>()).Value = true;
            throw;
        }
    }
}
