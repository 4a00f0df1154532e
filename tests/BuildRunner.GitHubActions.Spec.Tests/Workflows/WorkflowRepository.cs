using System.Text.Json;
using BuildRunner.Git;

namespace BuildRunner.GitHubActions.Spec.Tests.Workflows;

/// <summary>A repository that has the script on its main branch, as the documentation says.</summary>
internal sealed class WorkflowRepository : IDisposable
{
    public const string Script = ".github/buildrunner/apply.py";

    private WorkflowRepository(TestRepository git, string main)
    {
        Git = git;
        Main = main;
    }

    public TestRepository Git { get; }

    /// <summary>Gets the commit that a run is dispatched on.</summary>
    public string Main { get; }

    public static string ApplyScript => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "ci", "apply.py"));

    public static async Task<WorkflowRepository> CreateAsync(bool withScript = true)
    {
        var git = await TestRepository.CreateAsync();
        var main = withScript ? await git.CommitAsync(TestRepository.Main, (Script, ApplyScript)) : await git.TipAsync();
        return new(git, main);
    }

    public static Change ChangeOf(string branch, string commitId) =>
        GitChange.Create("github.com", "acme/shop", "refs/heads/" + branch, commitId);

    /// <summary>Runs the workflow that applies changes, with the input that a runner makes of them.</summary>
    public Task<WorkflowRun> BuildAsync(Change[] @base, Change[] head) =>
        BuildAsync(JsonSerializer.Serialize(new BuildRequest { Base = @base, Head = head }));

    /// <summary>Runs the workflow that applies changes.</summary>
    public Task<WorkflowRun> BuildAsync(string request, string key = "br-0f3a") =>
        WorkflowRun.StartAsync(WorkflowFile.Document, Git, Main, ("build_request", request), ("build_key", key));

    public void Dispose() => Git.Dispose();
}
