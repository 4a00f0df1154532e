using BuildRunner.Npm;

namespace BuildRunner.GitHubActions.Spec.Tests.Npm;

[Slow]
public sealed class NpmDirectoryTests
{
    [Fact]
    public async Task It_is_installed_once_however_many_want_it_at_once()
    {
        await NpmChecks.GetPathAsync();
        using TempDirectory directory = new();
        var source = Source(directory, $"echo once >> '{directory["installed"]}'");

        // None knows of the others, as if each were a process of its own.
        var paths = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new NpmDirectory(source).GetPathAsync())));

        paths.Distinct().Should().ContainSingle().Which.Should().Match(static path => File.Exists(Path.Combine(path, "package-lock.json")));
        (await File.ReadAllLinesAsync(directory["installed"])).Should().ContainSingle();
        Directory.Delete(paths[0], recursive: true);
        File.Delete(paths[0] + ".lock");
    }

    [Fact]
    public async Task An_installation_that_fails_is_unavailable_and_leaves_nothing()
    {
        await NpmChecks.GetPathAsync();
        using TempDirectory directory = new();
        var source = Source(directory, $"echo '{directory["failed"]}'; exit 1");
        NpmDirectory packages = new(source);
        var before = Directory.GetDirectories(Path.GetTempPath(), "buildrunner-npm-*");

        await packages.Invoking(static packages => packages.GetPathAsync()).Should().ThrowAsync<NpmUnavailableException>();

        Directory.GetDirectories(Path.GetTempPath(), "buildrunner-npm-*").Should().BeSubsetOf(before);
        File.Delete(NpmDirectory.PathOf(source) + ".lock");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("v18.20.4")]
    [InlineData("v20.10.0")]
    [InlineData("none")]
    public async Task Node_that_is_missing_or_old_is_unavailable(string? version)
    {
        using TempDirectory directory = new();
        var node = directory["node"];
        if (version is not null)
        {
            await File.WriteAllTextAsync(node, $"#!/bin/sh\necho {version}\n");
            File.SetUnixFileMode(node, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        NpmDirectory packages = new(Source(directory, "exit 0"), node);

        await packages.Invoking(static packages => packages.GetPathAsync()).Should().ThrowAsync<NpmUnavailableException>();
    }

    [Fact]
    public async Task The_lock_file_names_no_registry()
    {
        var file = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "npm", "package-lock.json"));

        file.Should().NotContain("resolved").And.Contain("integrity");
    }

    private static string Source(TempDirectory directory, string script)
    {
        var source = Directory.CreateDirectory(directory["source"]).FullName;
        File.WriteAllText(
            Path.Combine(source, "package.json"),
            $$$"""{"name":"one","version":"1.0.0","scripts":{"preinstall":"{{{script}}}"}}""");
        File.WriteAllText(
            Path.Combine(source, "package-lock.json"),
            """{"name":"one","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"one","version":"1.0.0"}}}""");
        return source;
    }
}
