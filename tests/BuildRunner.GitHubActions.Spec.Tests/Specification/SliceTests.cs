using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.GitHubActions.Spec.Tests.Specification;

[Slow]
public sealed class SliceTests
{
    [Fact]
    public async Task The_slices_are_what_the_script_makes_of_the_package()
    {
        await NpmChecks.GetPathAsync();
        using TempDirectory made = new();
        var folder = Path.Combine(AppContext.BaseDirectory, "openapi");
        var result = await Cli.Wrap("node")
            .WithArguments([Path.Combine(folder, "make-slice.mjs"), made.Path])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);
        result.ExitCode.Should().Be(0, result.StandardError);

        var kept = Directory.GetFiles(Path.Combine(folder, "slices")).Select(Path.GetFileName).Order();
        Directory.GetFiles(made.Path).Select(Path.GetFileName).Order().Should().Equal(kept);
        foreach (var name in kept)
        {
            (await File.ReadAllTextAsync(made[name!])).Should().Be(
                await File.ReadAllTextAsync(Path.Combine(folder, "slices", name!)), "it is out of date; run openapi/make-slice.mjs");
        }
    }

    [Fact]
    public async Task A_newer_document_is_told_of()
    {
        await NpmChecks.GetPathAsync();
        var script = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "openapi", "make-slice.mjs"));

        var result = await Cli.Wrap("npm")
            .WithArguments(["view", "@octokit/openapi", "version"])
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);

        // What others publish must not fail a build.
        var newest = result.StandardOutput.Trim();
        if (!script.Contains($"\"@octokit/openapi@{newest}\"", StringComparison.Ordinal))
        {
            TestContext.Current.AddWarning($"There is @octokit/openapi {newest}: change the version in openapi/make-slice.mjs and run it.");
        }

        newest.Should().MatchRegex(@"^\d+\.\d+\.\d+$");
    }
}
