namespace BuildRunner.Tests.Runners;

/// <summary>A decorator that changes nothing, for tests of the base class.</summary>
internal class PlainDecorator(IBuildRunner inner) : DelegatingBuildRunner(inner)
{
    public IBuildRunner ItsInner => Inner;
}
