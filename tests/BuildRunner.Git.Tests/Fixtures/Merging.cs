using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>Merges changes of a repository as a build does, without the rest of a build.</summary>
internal sealed class Merging : IDisposable
{
    private readonly TempDirectory _directory;
    private readonly PrivateRepository _repository;
    private readonly ChangeMerger _merger;

    private Merging(TempDirectory directory, PrivateRepository repository)
    {
        _directory = directory;
        _repository = repository;
        _merger = new ChangeMerger(directory["merge"], repository, "cookie");
    }

    /// <summary>Gets where the objects are that are made.</summary>
    public string ObjectsDirectory => _repository.ObjectsDirectory;

    /// <summary>Gets where the attributes are written, among other things.</summary>
    public string Scratch => _directory["scratch"];

    public static async Task<Merging> OpenAsync(TestRepository repository)
    {
        TempDirectory directory = new();
        Directory.CreateDirectory(directory["scratch"]);
        return new Merging(
            directory,
            await PrivateRepository.OpenAsync(
                directory["repository.git"], repository.Path, () => Path.Combine(directory["scratch"], Guid.NewGuid().ToString("N")), TestContext.Current.CancellationToken));
    }

    /// <summary>Merges changes onto a target, the first as base and the others as head.</summary>
    public Task<ApplyResult> ApplyAsync(string target, params string[] commitIds) => _merger.ApplyAsync(
        target,
        [.. commitIds.Select(static (commitId, index) => new AppliedChange(index == 0 ? BuildFailedSides.Base : BuildFailedSides.Head, commitId, "refs/heads/any"))],
        TestContext.Current.CancellationToken);

    public void Dispose() => _directory.Dispose();
}
