using System.Globalization;

namespace BuildRunner;

/// <summary>
/// Provides a runner that builds nothing and reports success.
/// </summary>
/// <remarks>
/// <para>
/// <b>It reports success for changes that nobody has validated.</b> It is for tests, for trying things out, and for a configuration that must run without a CI.
/// </para>
/// <para>
/// Its ids are unique per instance only and begin again with each: never store them. It ignores trigger keys. Safe for concurrent use.
/// </para>
/// </remarks>
public sealed class NoopBuildRunner : IBuildRunner
{
    private static readonly Task<BuildSnapshot> Success = Task.FromResult(new BuildSnapshot { Status = BuildStatus.Succeeded });

    private long _triggered;

    /// <summary>
    /// Counts one more build and returns its id.
    /// </summary>
    /// <param name="request">Ignored, but for <see langword="null"/>.</param>
    /// <param name="cancellationToken">Not looked at: the call completes at once.</param>
    /// <returns><c>noop-1</c>, <c>noop-2</c> and so on.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is <see langword="null"/>.</exception>
    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Task.FromResult(CreateId(Interlocked.Increment(ref _triggered)));
    }

    /// <summary>
    /// Gets success.
    /// </summary>
    /// <param name="buildId">Any id, also one of another runner.</param>
    /// <param name="cancellationToken">Not looked at: the call completes at once.</param>
    /// <returns>A snapshot with <see cref="BuildStatus.Succeeded"/> and empty metadata.</returns>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        return Success;
    }

    /// <summary>
    /// Does nothing.
    /// </summary>
    /// <param name="buildId">Any id, also one of another runner.</param>
    /// <param name="cancellationToken">Not looked at: the call completes at once.</param>
    /// <returns>A completed task.</returns>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        return Task.CompletedTask;
    }

    // Not by interpolation, which boxes the number until its code has been optimised.
    private static BuildId CreateId(long number)
    {
        const string Prefix = "noop-";
        const int MaxDigits = 19;
        Span<char> text = stackalloc char[Prefix.Length + MaxDigits];
        Prefix.CopyTo(text);
        number.TryFormat(text[Prefix.Length..], out var digits, provider: CultureInfo.InvariantCulture);
        return new BuildId(new string(text[..(Prefix.Length + digits)]));
    }
}
