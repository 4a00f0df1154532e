namespace BuildRunner.Git.Tests.Merged;

/// <summary>A CI with nothing beyond what every runner has.</summary>
internal sealed class PlainCi(IBuildRunner inner) : DelegatingBuildRunner(inner)
{
    protected override bool ExposesInner => false;
}
