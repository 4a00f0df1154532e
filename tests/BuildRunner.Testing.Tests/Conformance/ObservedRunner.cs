using System.Diagnostics;

namespace BuildRunner.Testing.Tests;

/// <summary>A correct runner that logs and traces what it is asked.</summary>
internal sealed class ObservedRunner(IBuildRunner inner, Action<string> log) : ReadingDecorator(inner)
{
    private static readonly ActivitySource Source = new("BuildRunner.Testing.Tests");

    /// <summary>Gets what runners of the tests trace to.</summary>
    public static ActivitySource Traces => Source;

    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        Observe("trigger");
        return base.TriggerAsync(request, cancellationToken);
    }

    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        Observe("status");
        return base.StatusAsync(buildId, cancellationToken);
    }

    public override Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        Observe("cancel");
        return base.CancelAsync(buildId, cancellationToken);
    }

    private void Observe(string call)
    {
        log(call);
        using var activity = Source.StartActivity(call);
    }
}
