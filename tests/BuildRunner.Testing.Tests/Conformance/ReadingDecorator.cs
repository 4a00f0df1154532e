namespace BuildRunner.Testing.Tests;

/// <summary>A decorator that reads anew whatever age it is asked for.</summary>
internal abstract class ReadingDecorator(IBuildRunner inner) : DelegatingBuildRunner(inner), IBuildStatusReader
{
    public virtual TimeSpan Freshness => TimeSpan.Zero;

    public virtual Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        return StatusAsync(buildId, cancellationToken);
    }
}
