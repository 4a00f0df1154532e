using BuildRunner.Tests;

namespace BuildRunner.GitLab.Tests;

public sealed class ReadmeTests
{
    [Fact]
    public void The_report_of_the_package_is_what_the_kit_has_found() =>
        ConformanceReadme.Verify("BuildRunner.GitLab", ConformanceExpectations.Skipped);
}
