using BuildRunner.Http;

namespace BuildRunner.Git.Merged;

/// <summary>Makes another runner build merged commits. It keeps the capabilities of that runner, and adds merged refs.</summary>
internal sealed class MergedRefsBuildRunner(IBuildRunner inner, IMergedRefsEngine engine)
    : DelegatingBuildRunner(inner), IMergedRefs, IBuildFinder, IBuildLogSource, IBuildStatusReader, IBuildWebhookReader
{
    public TimeSpan Freshness => InnerAs<IBuildStatusReader>().Freshness;

    // Callers must not bypass the decorator: it has builds of its own, and the inner runner gets other requests.
    protected override bool ExposesInner => false;

    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return engine.TriggerAsync(request, cancellationToken);
    }

    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        return engine.StatusAsync(buildId, id => Inner.StatusAsync(id, cancellationToken), cancellationToken);
    }

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        var reader = InnerAs<IBuildStatusReader>();
        return engine.StatusAsync(buildId, id => reader.StatusAsync(id, maxAge, cancellationToken), cancellationToken);
    }

    public override async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);

        // A build of the decorator ended before its id was known.
        if (!await engine.IsOwnAsync(buildId, cancellationToken).ConfigureAwait(false))
        {
            await Inner.CancelAsync(buildId, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        var logs = InnerAs<IBuildLogSource>();
        return await engine.FindLogAsync(buildId, cancellationToken).ConfigureAwait(false)
            ?? await logs.OpenLogAsync(buildId, cancellationToken).ConfigureAwait(false);
    }

    public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        return engine.FindAsync(triggerKey, InnerAs<IBuildFinder>(), cancellationToken);
    }

    public ValueTask<IReadOnlyList<BuildId>?> ReadWebhookAsync(
        IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default) =>
        InnerAs<IBuildWebhookReader>().ReadWebhookAsync(headers, body, cancellationToken);

    public Task<string?> FindCommitAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        return engine.FindCommitAsync(buildId, cancellationToken);
    }

    public Task<LandingResult> LandAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        return engine.LandAsync(buildId, cancellationToken);
    }

    public Task<IReadOnlyDictionary<string, string>> ReadTipsAsync(
        IEnumerable<string> branches,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(branches);
        return engine.ReadTipsAsync(branches, cancellationToken);
    }

    public Task<bool> IsInHistoryAsync(string tip, string commitId, CancellationToken cancellationToken = default)
    {
        ThrowUnlessCommitId(tip, nameof(tip));
        ThrowUnlessCommitId(commitId, nameof(commitId));
        return engine.IsInHistoryAsync(tip, commitId, cancellationToken);
    }

    protected override bool Offers(Type sideInterface) =>
        sideInterface == typeof(IBuildFinder) ? Inner.As<IBuildFinder>() is not null
        : sideInterface == typeof(IBuildLogSource) ? Inner.As<IBuildLogSource>() is not null
        : sideInterface == typeof(IBuildStatusReader) ? Inner.As<IBuildStatusReader>() is not null
        : sideInterface != typeof(IBuildWebhookReader) || Inner.As<IBuildWebhookReader>() is not null;

    private static void ThrowUnlessCommitId(string text, string parameterName)
    {
        if (!Changes.GitReference.IsCommitId(text))
        {
            throw new ArgumentException($"'{text}' is not a full commit id, 40 or 64 hexadecimal digits.", parameterName);
        }
    }

    // Callers ask As first.
    private T InnerAs<T>()
        where T : class => Inner.As<T>() ?? throw new NotSupportedException($"The decorated runner does not implement {typeof(T).Name}.");
}
