using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Conformance;

/// <summary>The git runner in several processes that use one state directory: every other instance is in one of its own.</summary>
internal sealed class HostedHarness : GitHarness
{
    private readonly List<HostProcess> _hosts = [];
    private bool _isHosted;

    public override IBuildRunner CreateRunner()
    {
        _isHosted = !_isHosted;
        if (!_isHosted)
        {
            return base.CreateRunner();
        }

        var host = HostProcess.Start(Repository, State, Command);
        _hosts.Add(host);
        return new HostedRunner(host);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}
