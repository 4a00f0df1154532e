namespace BuildRunner.Tests.Runners;

/// <summary>A decorator that implements side interfaces and says whether it offers them.</summary>
internal sealed class ReservedDecorator(IBuildRunner inner, bool offers) : PlainDecorator(inner), IBuildFinder, IBuildStatusReader
{
    public TimeSpan Freshness => TimeSpan.Zero;

    public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    protected override bool Offers(Type sideInterface) => offers;
}
