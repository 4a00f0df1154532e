using BuildRunner.Npm;

namespace BuildRunner.Jenkins.Tests.Fixtures;

/// <summary>The client that npm has for Jenkins.</summary>
/// <remarks>Where it cannot be had, the test is skipped, or fails on a build server (<c>CI=true</c>).</remarks>
internal static class NpmClient
{
    private static readonly NpmDirectory Packages = new(Path.Combine(AppContext.BaseDirectory, "npm"));

    public static async Task<string> RunAsync(string input, CancellationToken cancellationToken)
    {
        try
        {
            await Packages.GetPathAsync();
        }
        catch (NpmUnavailableException exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip(exception.Message);
        }

        return await Packages.RunAsync("client.mjs", input, cancellationToken);
    }
}
