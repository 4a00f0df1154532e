namespace BuildRunner.Tests.Runners;

/// <summary>A decorator that does not let anyone look at what it decorates.</summary>
internal sealed class HidingDecorator(IBuildRunner inner) : PlainDecorator(inner)
{
    protected override bool ExposesInner => false;
}
