using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>A repository that a CI builds from, the clone that a host borrows from, and a CI that remembers what it was asked.</summary>
internal sealed class MergedFixture : IAsyncDisposable
{
    public const string Prefix = "refs/heads/build/";

    private readonly List<MergedHost> _hosts = [];

    private MergedFixture(TestRepository origin, TestRepository clone)
    {
        Origin = origin;
        Clone = clone;
        Ci = new FakeBuildRunner(Time);
    }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public TestRepository Origin { get; }

    public TestRepository Clone { get; }

    public FakeBuildRunner Ci { get; }

    public static async Task<MergedFixture> CreateAsync() => new(await TestRepository.CreateAsync(), await TestRepository.CreateAsync());

    /// <summary>Makes the change of a commit on a branch.</summary>
    public static Change ChangeOf(string branch, string commitId) => GitChange.Create("localhost", "repository", "refs/heads/" + branch, commitId);

    /// <summary>Makes a host with a state directory of its own.</summary>
    public MergedHost CreateHost(Action<MergedRefsOptions>? configure = null, IBuildRunner? ci = null, Action<IServiceCollection>? add = null)
    {
        MergedHost host = new(this, ci ?? Ci.Restart(), configure, add);
        _hosts.Add(host);
        return host;
    }

    /// <summary>Commits a file on a branch of its own, with nothing checked out afterwards.</summary>
    public async Task<Change> CommitAsync(string branch, string? file = null, string? content = null)
    {
        var commit = await Origin.CommitAsync(branch, (file ?? branch + ".txt", content ?? branch + "\n"));
        await Origin.GitAsync("checkout", "--quiet", "--detach");
        return ChangeOf(branch, commit);
    }

    /// <summary>Commits a file on the target.</summary>
    public async Task<string> MoveTargetAsync(string file = "moved.txt")
    {
        await CommitAsync(TestRepository.Main, file);
        return await Origin.TipAsync();
    }

    /// <summary>Gets the references below a name, and what they point to.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ReadReferencesAsync(string below = Prefix) =>
        (await Origin.GitAsync("for-each-ref", "--format=%(refname) %(objectname)", below))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => line.Split(' '))
        .ToDictionary(static words => words[0], static words => words[1]);

    /// <summary>Waits until there are so many references of builds.</summary>
    public Task WaitForReferencesAsync(int count, string below = Prefix) => WaitAsync(async () => (await ReadReferencesAsync(below)).Count == count);

    /// <summary>Waits until something is so, which goes on in the background.</summary>
    public static async Task WaitAsync(Func<Task<bool>> isSo)
    {
        while (!await isSo())
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        Clone.Dispose();
        Origin.Dispose();
    }
}
