namespace BuildRunner.Orchestration;

/// <summary>
/// Provides extension methods for <see cref="IBuildOrchestrator"/>.
/// </summary>
public static class BuildOrchestratorExtensions
{
    // Where another process ends the build. A fifth is added by chance.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Waits until a build has ended.
    /// </summary>
    /// <remarks>
    /// <para>An end in this process is seen at once. An end in another process is seen when the build is next read, every five to six
    /// seconds.</para>
    /// <para>The timeout also cancels a read of the store.</para>
    /// <para>The wait ends with this process, but the build continues. Use an <see cref="IBuildObserver"/> for what must happen when it
    /// ends.</para>
    /// </remarks>
    /// <param name="orchestrator">The orchestrator.</param>
    /// <param name="id">The <see cref="Build.Id"/>.</param>
    /// <param name="options">The timeout and the clock, or <see langword="null"/> for the defaults and the registered <see
    /// cref="TimeProvider"/>.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is <see
    /// cref="CancellationToken.None"/>. It does not cancel the build.</param>
    /// <returns>The ended build.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="orchestrator"/> is <see langword="null"/>.</exception>
    /// <exception cref="KeyNotFoundException">The build does not exist, or its retention is over.</exception>
    /// <exception cref="TimeoutException">The build did not end within <see cref="BuildWaitOptions.Timeout"/>. It continues.</exception>
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
                    ?? throw new KeyNotFoundException($"There is no build {id}; it was never submitted, or its retention is over.");
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
            throw new TimeoutException($"The build {id} did not end within {options.Timeout}.");
        }
        finally
        {
            // A pause may be left.
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }
}
