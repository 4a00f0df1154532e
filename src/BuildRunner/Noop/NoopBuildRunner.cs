using System.Globalization;

namespace BuildRunner;

/// <summary>Provides a runner that builds nothing and reports success.</summary>
/// <remarks>
/// <para>
/// <b>It reports success for changes that nobody has validated.</b> Use it in tests, in trials, and in a configuration that must run
/// without a CI service.
/// </para>
/// <para>
/// Its ids are unique per instance only, and start again with each instance: never store them. It ignores trigger keys. Safe for concurrent
/// use.
/// </para>
/// </remarks>
public sealed class NoopBuildRunner : IBuildRunner
{
    private static readonly Task<BuildSnapshot> Success = Task.FromResult(new BuildSnapshot { Status = BuildStatus.Succeeded });

    private long _triggered;

    /// <summary>Returns the id of a new build.</summary>
    /// <param name="request">The request. Ignored, but must not be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ignored: the call completes synchronously.</param>
    /// <returns><c>noop-1</c>, <c>noop-2</c> and so on.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is <see langword="null"/>.</exception>
    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return Task.FromResult(CreateId(Interlocked.Increment(ref _triggered)));
    }

    /// <summary>Returns success.</summary>
    /// <param name="buildId">Any id, including one of another runner.</param>
    /// <param name="cancellationToken">Ignored: the call completes synchronously.</param>
    /// <returns>A snapshot with <see cref="BuildStatus.Succeeded"/> and empty metadata.</returns>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        return Success;
    }

    /// <summary>Does nothing.</summary>
    /// <param name="buildId">Any id, including one of another runner.</param>
    /// <param name="cancellationToken">Ignored: the call completes synchronously.</param>
    /// <returns>A completed task.</returns>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        return Task.CompletedTask;
    }

    // Not by interpolation, which boxes the number until the code is optimised.
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
