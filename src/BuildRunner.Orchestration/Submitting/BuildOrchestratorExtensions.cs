namespace BuildRunner.Orchestration;

/// <summary>
/// Provides what can be asked of every <see cref="IBuildOrchestrator"/> beside its members.
/// </summary>
public static class BuildOrchestratorExtensions
{
    // Where another process ends the build. A fifth is added by chance.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Waits until a build has ended.
    /// </summary>
    /// <remarks>
    /// <para>A build that this process ends is seen at once. One that another process ends is read every five to six seconds, so it is
    /// seen that much later.</para>
    /// <para>A read of the store that is under way is cancelled when the time-out has passed.</para>
    /// <para>The wait is of this process and ends with it; the build goes on. Where something must happen at the end whichever process is
    /// there then, use an <see cref="IBuildObserver"/>.</para>
    /// </remarks>
    /// <param name="orchestrator">The orchestrator.</param>
    /// <param name="id">The <see cref="Build.Id"/>.</param>
    /// <param name="options">How long to wait, and by which clock; <see langword="null"/> for the defaults and the
    /// <see cref="TimeProvider"/> of the services.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. The build is not cancelled.</param>
    /// <returns>The build as it has ended.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="orchestrator"/> is <see langword="null"/>.</exception>
    /// <exception cref="KeyNotFoundException">There is no such build, as when its retention is over.</exception>
    /// <exception cref="TimeoutException">The build has not ended within <see cref="BuildWaitOptions.Timeout"/>. It goes on.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static Task<Build> WaitForCompletionAsync(
        this IBuildOrchestrator orchestrator,
        Guid id,
        BuildWaitOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        options ??= new() { TimeProvider = (orchestrator as BuildOrchestrator)?.TimeProvider ?? TimeProvider.System };
        return WaitAsync(orchestrator, id, options, cancellationToken);
    }

    private static async Task<Build> WaitAsync(
        IBuildOrchestrator orchestrator,
        Guid id,
        BuildWaitOptions options,
        CancellationToken cancellationToken)
    {
        using var deadline = options.Timeout is { } timeout ? new CancellationTokenSource(timeout, options.TimeProvider) : null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline?.Token ?? CancellationToken.None);

        // Before the first look, so that no end falls in between.
        using var end = (orchestrator as BuildOrchestrator)?.Ends.Begin(id);
        try
        {
            while (true)
            {
                var isSeen = end?.Ended.IsCompleted == true;
                var build = await orchestrator.GetAsync(id, stop.Token).ConfigureAwait(false)
                    ?? throw new KeyNotFoundException($"There is no build {id}. It was never submitted, or its retention is over.");
                if (build.Status.IsTerminal())
                {
                    return build;
                }

                var pause = Task.Delay(Pause * (1 + (Random.Shared.NextDouble() / 5)), options.TimeProvider, stop.Token);
                await (end is null || isSeen ? pause : await Task.WhenAny(pause, end.Ended).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"The build {id} has not ended within {options.Timeout}.");
        }
        finally
        {
            // A pause may be left.
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }
}
