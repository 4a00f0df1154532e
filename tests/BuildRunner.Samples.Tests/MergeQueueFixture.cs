namespace BuildRunner.Samples.Tests;

/// <summary>A repository of the test, and the merge queue that lands its branches on main.</summary>
public abstract class MergeQueueFixture : IAsyncLifetime
{
    protected const int AllLanded = 0;
    protected const int SomeLeft = 1;
    protected const int Rejected = 2;

    private protected TestRepository Repository { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        Repository.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Commits a file on a branch of its own.</summary>
    protected Task<string> CommitAsync(string branch, string file) => Repository.CommitAsync(branch, (file, $"{branch}\n"));

    /// <summary>Lands branches, each verified by a script, and waits for the end. Before that, nothing is checked out.</summary>
    private protected async Task<SampleProgram.Result> RunAsync(string[] branches, string script, string state = "state", params string[] variables) =>
        await (await StartAsync(branches, script, state, variables)).Ended;

    private protected async Task<SampleProgram.Running> StartAsync(string[] branches, string script, string state = "state", params string[] variables)
    {
        await Repository.GitAsync("switch", "--quiet", "--detach");
        return StartOn(branches, ["sh", "-c", script], state, variables: variables);
    }

    private protected SampleProgram.Running StartOn(string[] branches, string[] command, string state = "state", string[]? options = null, params string[] variables) =>
        SampleProgram.StartWith(
            variables,
            "MergeQueue.dll",
            ["--repo", Repository.Path, "--state", Repository[state], .. options ?? [], .. branches.SelectMany(static branch => new[] { "--branch", branch }), "--", .. command]);

    /// <summary>Makes a git that does something before it is git. Which git that is, is in $git.</summary>
    /// <returns>The variable that has it found first.</returns>
    protected async Task<string> WrapGitAsync(string script)
    {
        var path = Directory.CreateDirectory(Repository["path"]).FullName;
        var git = Path.Combine(path, "git");
        await File.WriteAllTextAsync(git, $"#!/bin/sh\ngit={await Repository.ShellAsync("command -v git")}\n{script}\nexec $git \"$@\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(git, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return $"PATH={path}:{Environment.GetEnvironmentVariable("PATH")}";
    }

    /// <summary>Gets the branches that were merged into main, in order.</summary>
    protected async Task<IEnumerable<string>> LandedAsync()
    {
        // The second parent of each merge is what has landed, and its subject is the branch.
        var merges = (await Repository.GitAsync("log", "--first-parent", "--reverse", "--merges", "--format=%P", "main")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return merges.Length == 0 ? [] : (await Repository.GitAsync(["show", "--no-patch", "--format=%s", .. merges.Select(static parents => parents.Split(' ')[1])])).Split('\n');
    }
}
