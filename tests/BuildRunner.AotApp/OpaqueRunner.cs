namespace BuildRunner.AotApp;

internal sealed class OpaqueRunner(IBuildRunner inner) : DelegatingBuildRunner(inner)
{
    protected override bool ExposesInner => false;
}
