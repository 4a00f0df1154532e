using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>A process whose runner has a key.</summary>
internal sealed class KeyedHost : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ServiceProvider _services;

    public KeyedHost(MergedFixture fixture)
    {
        ServiceCollection services = new();
        services.AddKeyedSingleton<IBuildRunner>("ci", new FakeBuildRunner());
        services.AddMergedRefs("ci", options =>
        {
            options.Repository = fixture.Clone.Path;
            options.Remote = fixture.Origin.Path;
            options.TargetBranch = TestRepository.Main;
            options.RefPrefix = MergedFixture.Prefix;
            options.StateDirectory = _directory["state"];
        });
        _services = services.BuildServiceProvider();
    }

    public IBuildRunner Runner => _services.GetRequiredKeyedService<IBuildRunner>("ci");

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _directory.Dispose();
    }
}
